import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getQueueToken, Processor } from '@nestjs/bullmq';
import { Test, type TestingModule } from '@nestjs/testing';
import { EventLogger, Metrics } from '@gatehouse/platform';
import type { Queue } from 'bullmq';
import { JobProcessor } from './job-processor.js';
import { JobQueues } from './job-queues.js';
import { type JobOutcome, JobTelemetry } from './job-telemetry.js';
import type { JobData } from './jobs.js';
import { JobsModule } from './jobs.module.js';
import { QUEUE_SERVERS } from './testing/index.js';

let behave: (stopping: AbortSignal) => Promise<JobOutcome>;

@Processor('rotate-signing-keys')
class TestProcessor extends JobProcessor<'rotate-signing-keys'> {
  protected override readonly name = 'rotate-signing-keys';
  protected override run(_: JobData['rotate-signing-keys'], stopping: AbortSignal): Promise<JobOutcome> {
    return behave(stopping);
  }
}

for (const server of QUEUE_SERVERS)
  (server.missing === undefined ? describe : describe.skip)(`JobsModule on ${server.technology}`, () => {
    let url: string;
    let stop: () => Promise<void>;
    let lines: Record<string, unknown>[];
    let metrics: Metrics;
    beforeAll(async () => {
      ({ url, stop } = await server.start());
    });
    afterAll(async () => {
      await stop();
    });
    beforeEach(() => {
      lines = [];
      metrics = new Metrics();
      behave = () => Promise.resolve({ did: 'something' });
    });

    async function boot(more: { readonly lookEvery?: number } = {}): Promise<TestingModule> {
      const destination = {
        write: (line: string) => {
          lines.push(JSON.parse(line) as Record<string, unknown>);
        },
      };
      const module = await Test.createTestingModule({
        imports: [
          JobsModule.forRoot({
            queueUrl: url,
            schedules: [{ job: 'clean-up-expired', everyMs: 60_000 }],
            logger: new EventLogger({ app: 'test', level: 'info', destination }),
            metrics,
            ...more,
          }),
        ],
        providers: [
          {
            provide: TestProcessor,
            useFactory: (telemetry: JobTelemetry) => new TestProcessor(telemetry),
            inject: [JobTelemetry],
          },
        ],
      }).compile();
      await module.init();
      return module;
    }
    const logged = (event: string) => lines.filter((line) => line['event'] === event);
    async function until(condition: () => boolean): Promise<void> {
      for (let n = 0; n < 500 && !condition(); n += 1) await pause(20);
      expect(condition()).toBe(true);
    }

    it('runs a job and tells of it in log and metric, but not with what', async () => {
      const module = await boot();
      const queues = module.get(JobQueues);
      await queues.ready();
      await queues.add('rotate-signing-keys', {});
      await until(() => logged('job.finished').length === 1);
      expect(logged('job.finished')[0]).toMatchObject({ job: 'rotate-signing-keys', did: 'something' });
      expect(await metrics.text()).toMatch(
        /gatehouse_job_runs_total\{job="rotate-signing-keys",outcome="succeeded"\} 1\n/,
      );
      expect(await metrics.text()).toMatch(/gatehouse_job_last_success_timestamp_seconds\{.*\} 1[78]\d{8}/);
      expect(logged('schedules.ensured')).toMatchObject([{ written: ['clean-up-expired'], removed: [] }]);
      await module.close();
    }, 20_000);

    it('writes the schedules again when the queue has forgotten them, and says so once', async () => {
      const module = await boot({ lookEvery: 50 });
      const queue = module.get<Queue>(getQueueToken('clean-up-expired'));
      const written = () => logged('schedules.ensured').filter((line) => (line['written'] as string[]).length > 0);
      const before = written().length;
      await queue.removeJobScheduler('clean-up-expired');
      await until(() => written().length === before + 1);
      expect(await queue.getJobSchedulersCount()).toBe(1);
      await pause(200);
      expect(written()).toHaveLength(before + 1);
      await module.close();
    }, 20_000);

    it('tries a failed job again and tells of each failure', async () => {
      const module = await boot();
      let attempts = 0;
      behave = () => {
        attempts += 1;
        return attempts < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve({});
      };
      await module.get(JobQueues).add('rotate-signing-keys', {});
      await until(() => logged('job.finished').length === 1);
      expect(logged('job.failed')).toMatchObject([{ job: 'rotate-signing-keys', attempt: 1 }]);
      expect(await metrics.text()).toMatch(/outcome="failed"\} 1\n/);
      await module.close();
    }, 20_000);

    it('finishes the active job before it closes, and lets it know', async () => {
      const module = await boot();
      const order: string[] = [];
      behave = async (stopping) => {
        order.push('begun');
        await new Promise((resolve) => {
          stopping.addEventListener('abort', resolve);
        });
        await pause(200);
        order.push('finished');
        return {};
      };
      await module.get(JobQueues).add('rotate-signing-keys', {});
      await until(() => order.length === 1);
      await module.close();
      expect(order).toEqual(['begun', 'finished']);
      expect(logged('job.finished')).toHaveLength(1);
      expect(logged('queue.trouble')).toEqual([]);
    }, 20_000);
  });
