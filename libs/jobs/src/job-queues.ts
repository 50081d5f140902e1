import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { JobTelemetry } from './job-telemetry.js';
import type { JobData, JobName, Schedule } from './jobs.js';
import { ensureSchedules } from './schedules.js';

/** The queues as the rest of the app sees them: ask for a job, ask whether they answer. */
export class JobQueues implements OnApplicationBootstrap {
  readonly #url: string;
  readonly #queues: readonly Queue[];
  readonly #schedules: readonly Schedule[];
  readonly #telemetry: JobTelemetry;

  constructor(url: string, queues: readonly Queue[], schedules: readonly Schedule[], telemetry: JobTelemetry) {
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
