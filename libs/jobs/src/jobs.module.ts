import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import type { EventLogger, Metrics } from '@gatehouse/platform';
import type { Queue } from 'bullmq';
import { JobQueues } from './job-queues.js';
import { JobTelemetry } from './job-telemetry.js';
import { JOB_NAMES, type Schedule } from './jobs.js';
import { queueOptions } from './queue-connection.js';

export interface JobsOptions {
  /** postgres:// or redis:// */
  readonly queueUrl: string;
  /** All there are: schedules not named here are removed. */
  readonly schedules: readonly Schedule[];
  readonly logger: EventLogger;
  readonly metrics: Metrics;
  /** Milliseconds between two looks whether the schedules are still there; by default what the technology asks for. */
  readonly lookEvery?: number;
}

/** Queues and schedules for the processors of an app, which the app lists among its own providers. */
@Module({})
export class JobsModule {
  static forRoot({ queueUrl, schedules, logger, metrics, lookEvery }: JobsOptions): DynamicModule {
    const options = queueOptions(queueUrl);
    return {
      module: JobsModule,
      global: true,
      imports: [BullModule.forRoot(options), BullModule.registerQueue(...JOB_NAMES.map((name) => ({ name })))],
      providers: [
        { provide: JobTelemetry, useValue: new JobTelemetry(logger, metrics) },
        {
          provide: JobQueues,
          useFactory: (telemetry: JobTelemetry, ...queues: Queue[]) =>
            new JobQueues(queueUrl, queues, schedules, telemetry, lookEvery),
          inject: [JobTelemetry, ...JOB_NAMES.map((name) => getQueueToken(name))],
        },
      ],
      exports: [JobTelemetry, JobQueues],
    };
  }
}
