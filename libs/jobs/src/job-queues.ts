import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { JobTelemetry } from './job-telemetry.js';
import type { JobData, JobName, Schedule } from './jobs.js';
import { queueTechnology } from './queue-connection.js';
import { ensureSchedules } from './schedules.js';

/**
 * Milliseconds between two looks at the schedules. A Redis or Valkey may come back empty, after a failover or a flush, and
 * nobody restarts the workers for that; what PostgreSQL has said it keeps.
 */
const LOOK_EVERY = { redis: 5_000, postgres: 300_000 } as const;

/** The queues as the rest of the app sees them: ask for a job, ask whether they answer. */
export class JobQueues implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #url: string;
  readonly #queues: readonly Queue[];
  readonly #schedules: readonly Schedule[];
  readonly #telemetry: JobTelemetry;
  readonly #lookEvery: number;
  #next: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(
    url: string,
    queues: readonly Queue[],
    schedules: readonly Schedule[],
    telemetry: JobTelemetry,
    lookEvery?: number,
  ) {
    this.#lookEvery = lookEvery ?? LOOK_EVERY[queueTechnology(url)];
    this.#url = url;
    this.#queues = queues;
    this.#schedules = schedules;
    this.#telemetry = telemetry;
    for (const queue of queues)
      queue.on('error', (error) => {
        telemetry.queueTrouble(queue.name as JobName, error);
      });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { written, removed } = await ensureSchedules(this.#url, this.#queues, this.#schedules);
    this.#telemetry.schedulesChanged(written, removed);
    this.#lookAgain();
  }

  /** A look under way is let finish: the queues are closed after this. */
  async onModuleDestroy(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#next);
    await this.#look;
  }

  /** One after the other: while the queue does not answer, no pile of questions grows. */
  #lookAgain(): void {
    if (this.#ended) return;
    this.#next = setTimeout(() => {
      this.#look = this.#ensure().finally(() => {
        this.#lookAgain();
      });
    }, this.#lookEvery).unref();
  }

  async #ensure(): Promise<void> {
    try {
      const { written, removed } = await ensureSchedules(this.#url, this.#queues, this.#schedules);
      if (written.length + removed.length > 0) this.#telemetry.schedulesChanged(written, removed);
    } catch {
      // The queues tell of their troubles themselves.
    }
  }

  async add<Name extends JobName>(name: Name, data: JobData[Name]): Promise<void> {
    await this.#queue(name).add(name, data);
  }

  /** Comes back when every queue has answered; rejects, or waits, when one is lost. */
  async ready(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.getJobSchedulersCount()));
  }

  #queue(name: JobName): Queue {
    const queue = this.#queues.find((known) => known.name === name);
    if (!queue) throw new Error(`there is no queue for ${name}`);
    return queue;
  }
}
