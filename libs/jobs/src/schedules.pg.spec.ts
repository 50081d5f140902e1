import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Job, Queue, type QueueOptions, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Schedule } from './jobs.js';
import { queueOptions } from './queue-connection.js';
import { migrateQueue } from './queue-migration.js';
import { ensureSchedules } from './schedules.js';
import { QUEUE_SERVERS } from './testing/index.js';

const JOB = 'clean-up-expired';
const every = (everyMs: number): Schedule[] => [{ job: JOB, everyMs }];

for (const server of QUEUE_SERVERS)
  (server.missing === undefined ? describe : describe.skip)(`schedules on ${server.technology}`, () => {
    let url: string;
    let options: QueueOptions;
    let stop: () => Promise<void>;
    const open: { close(): Promise<void> }[] = [];
    beforeAll(async () => {
      ({ url, stop } = await server.start());
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
      const queue = newQueue();
      await queue.obliterate({ force: true });
      for (const { key } of await queue.getJobSchedulers(0, -1)) await queue.removeJobScheduler(key);
      await queue.close();
      open.length = 0;
    });
    afterAll(async () => {
      await stop();
    });

    function newQueue(): Queue {
      options = queueOptions(url);
      const queue = new Queue(JOB, options);
      queue.on('error', () => undefined);
      open.push(queue);
      return queue;
    }
    function newWorker(process: (job: Job) => Promise<unknown>, more: object = {}): Worker {
      const worker = new Worker(JOB, process, { ...queueOptions(url), ...more });
      worker.on('error', () => undefined);
      open.push(worker);
      return worker;
    }

    it('stands once however many workers declare it at the same time, boot after boot', async () => {
      const queues = Array.from({ length: 8 }, newQueue);
      for (let boot = 0; boot < 3; boot += 1) {
        const changes = await Promise.all(queues.map((queue) => ensureSchedules(url, [queue], every(60_000))));
        expect(changes.flatMap(({ removed }) => removed)).toEqual([]);
        if (boot > 0) expect(changes.flatMap(({ written }) => written)).toEqual([]);
        else if (server.technology === 'postgres') expect(changes.flatMap(({ written }) => written)).toEqual([JOB]);
      }
      const stored = await queues[0]!.getJobSchedulers(0, -1);
      expect(stored.map(({ key, every: ms }) => [key, Number(ms)])).toEqual([[JOB, 60_000]]);
    });

    it('runs once a period on four workers that start together', async () => {
      const period = 250;
      const runs: { id: string; worker: number; at: number }[] = [];
      const queues = Array.from({ length: 4 }, newQueue);
      for (const worker of queues.keys())
        newWorker(async (job) => {
          runs.push({ id: job.id!, worker, at: Date.now() });
          await pause(20);
        });
      await Promise.all(queues.map((queue) => ensureSchedules(url, [queue], every(period))));
      const from = Date.now();
      // A replica more boots in the middle.
      await pause(1500);
      await ensureSchedules(url, [newQueue()], every(period));
      await pause(2000);
      const seconds = (Date.now() - from) / 1000;
      await Promise.all(open.splice(0).map((one) => one.close()));

      const ids = runs.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const slots = runs.map(({ id }) => Math.floor(Number(id.split(':').at(-1)) / period));
      expect(new Set(slots).size).toBe(slots.length);
      // A slow machine may be late, never early or double.
      expect(runs.length).toBeLessThanOrEqual(Math.ceil((seconds * 1000) / period) + 2);
      expect(runs.length).toBeGreaterThan((seconds * 1000) / period / 3);
    }, 30_000);

    it('takes over a changed period and keeps one schedule', async () => {
      const queue = newQueue();
      await ensureSchedules(url, [queue], every(60_000));
      expect((await ensureSchedules(url, [queue], every(30_000))).written).toEqual([JOB]);
      const stored = await queue.getJobSchedulers(0, -1);
      expect(stored.map(({ every: ms }) => Number(ms))).toEqual([30_000]);
      expect(await queue.getDelayedCount()).toBeLessThanOrEqual(1);
    });

    it('removes what the code no longer knows', async () => {
      const queue = newQueue();
      await queue.upsertJobScheduler('of an old version', { every: 1000 }, { name: 'x', data: {} });
      expect(await ensureSchedules(url, [queue], every(60_000))).toEqual({
        written: [JOB],
        removed: ['of an old version'],
      });
      expect(await ensureSchedules(url, [queue], [])).toEqual({ written: [], removed: [JOB] });
      expect(await queue.getJobSchedulersCount()).toBe(0);
    });

    it('revives a schedule whose next run was lost, as a failover can do', async () => {
      const queue = newQueue();
      await ensureSchedules(url, [queue], every(600));
      await loseJobs();
      expect(await queue.getJobSchedulersCount()).toBe(1);
      expect(await queue.getJobs(['delayed', 'waiting'])).toEqual([]);
      expect((await ensureSchedules(url, [queue], every(600))).written).toEqual([JOB]);
      const seen: string[] = [];
      newWorker(async (job) => seen.push(job.id!));
      await pause(2000);
      expect(seen.length).toBeGreaterThan(1);
    }, 20_000);

    async function loseJobs(): Promise<void> {
      if (server.technology === 'postgres') {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query('DELETE FROM bullmq.job');
        await client.end();
      } else {
        const redis = new Redis(url);
        const keys = await redis.keys(`{gatehouse}:${JOB}:*`);
        await redis.del(...keys.filter((key) => /:(repeat:.*:\d+|wait|delayed)$/.test(key)));
        await redis.quit();
      }
    }

    it('hands the job of a worker that was killed to another', async () => {
      const queue = newQueue();
      const started: string[] = [];
      let release = (): void => undefined;
      const settings = { lockDuration: 400, stalledInterval: 300 };
      const dead = newWorker(
        async () => {
          started.push('dead');
          await new Promise<void>((resolve) => (release = resolve));
        },
        { ...settings, skipLockRenewal: true, skipStalledCheck: true },
      );
      await queue.add(JOB, {});
      while (started.length === 0) await pause(20);
      const finished = new Promise<void>((resolve) => {
        newWorker(async () => {
          started.push('alive');
        }, settings).on('completed', () => {
          resolve();
        });
      });
      await finished;
      expect(started).toEqual(['dead', 'alive']);
      release();
      await dead.close();
    }, 20_000);

    it('can be migrated again and by several starters', async () => {
      await Promise.all([migrateQueue(url), migrateQueue(url), migrateQueue(url)]);
      expect(await newQueue().getJobSchedulersCount()).toBe(0);
    });
  });
