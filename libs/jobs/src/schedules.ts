/**
 * Schedules are rows of the queue. Every worker declares all of them when it starts; the first writes, the others find
 * nothing to do. On PostgreSQL, simultaneous writes of one schedule can fail or run a job twice (BullMQ 6.7), and every
 * replica booting at once is just that, so there the comparison and the write stand under one lock.
 */
import type { JobSchedulerJson, Queue } from 'bullmq';
import type { Schedule } from './jobs.js';
import { queueTechnology } from './queue-connection.js';
import { withClient } from './queue-migration.js';

export interface ScheduleChanges {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** Makes the stored schedules equal to the given ones: one a queue, under the name of its job; others are removed. */
export async function ensureSchedules(
  url: string,
  queues: readonly Queue[],
  schedules: readonly Schedule[],
): Promise<ScheduleChanges> {
  const all = async (): Promise<ScheduleChanges> => {
    const written: string[] = [];
    const removed: string[] = [];
    for (const queue of queues) {
      const wanted = schedules.find(({ job }) => job === queue.name);
      for (const { key } of await queue.getJobSchedulers(0, -1))
        if (key !== wanted?.job && (await queue.removeJobScheduler(key))) removed.push(key);
      if (wanted && (await ensureSchedule(queue, wanted))) written.push(wanted.job);
    }
    return { written, removed };
  };
  return queueTechnology(url) === 'redis' ? all() : underLock(url, all);
}

async function ensureSchedule(queue: Queue, { job, everyMs }: Schedule): Promise<boolean> {
  const stored = await queue.getJobScheduler(job);
  if (stored && Number(stored.every) === everyMs && (await isAlive(queue, stored))) return false;
  await queue.upsertJobScheduler(job, { every: everyMs }, { name: job, data: {} });
  return true;
}

/** A schedule whose next run was lost (a failover, a drained queue) would stand still for ever. */
async function isAlive(queue: Queue, { key, next }: JobSchedulerJson): Promise<boolean> {
  if (next === undefined) return false;
  const state = await queue.getJobState(`repeat:${key}:${next}`);
  return state === 'delayed' || state === 'waiting' || state === 'active' || state === 'prioritized';
}

async function underLock<T>(url: string, act: () => Promise<T>): Promise<T> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = '30s'`);
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('gatehouse'), hashtext('schedules'))`);
    try {
      return await act();
    } finally {
      await client.query('COMMIT');
    }
  });
}
