/**
 * Base of the processors: `run` does the work and returns what it did. Here stand the things that none may forget: each
 * end of a run is told, an 'error' event never ends the process, and when the process stops, the active job is finished
 * before anything it uses is closed.
 */
import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { JobOutcome, JobTelemetry } from './job-telemetry.js';
import type { JobData, JobName } from './jobs.js';

export abstract class JobProcessor<Name extends JobName>
  extends WorkerHost
  implements OnApplicationBootstrap, OnModuleDestroy
{
  protected abstract readonly name: Name;
  readonly #telemetry: JobTelemetry;
  readonly #stopping = new AbortController();
  #joined = false;

  constructor(telemetry: JobTelemetry) {
    super();
    this.#telemetry = telemetry;
  }

  /** `stopping` fires when the process shall end: return soon, with what was done so far. */
  protected abstract run(data: JobData[Name], stopping: AbortSignal): Promise<JobOutcome>;

  override async process(job: Job<JobData[Name], JobOutcome>): Promise<JobOutcome> {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const outcome = await this.run(job.data, this.#stopping.signal);
      this.#telemetry.succeeded(this.name, seconds(), outcome);
      return outcome;
    } catch (error) {
      this.#telemetry.failed(this.name, seconds(), error, job.attemptsMade + 1);
      throw error;
    }
  }

  @OnWorkerEvent('error')
  trouble(error: Error): void {
    this.#telemetry.queueTrouble(this.name, error);
  }

  onApplicationBootstrap(): void {
    this.#joined = true;
  }

  /** The first of Nest's shutdown hooks: stores and queues are closed by later ones. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    if (this.#joined) await this.worker.close();
  }
}
