import { EXPIRING_RECORDS } from '@gatehouse/authorization-server';
import { type JobData, type JobOutcome, JobProcessor, JobTelemetry } from '@gatehouse/jobs';
import { type CounterMetric, Metrics } from '@gatehouse/platform';
import { Processor } from '@nestjs/bullmq';
import { ExpiredRecordCleanup } from './expired-record-cleanup.js';

@Processor('clean-up-expired')
export class CleanUpExpiredProcessor extends JobProcessor<'clean-up-expired'> {
  protected override readonly name = 'clean-up-expired';
  readonly #cleanup: ExpiredRecordCleanup;
  readonly #deleted: CounterMetric<{ readonly record: typeof EXPIRING_RECORDS }>;

  constructor(telemetry: JobTelemetry, cleanup: ExpiredRecordCleanup, metrics: Metrics) {
    super(telemetry);
    this.#cleanup = cleanup;
    this.#deleted = metrics.counter({
      name: 'gatehouse_cleanup_deleted_records_total',
      help: 'Expired records deleted by this process, by kind.',
      labels: { record: EXPIRING_RECORDS },
    });
  }

  protected override async run(_: JobData['clean-up-expired'], stopping: AbortSignal): Promise<JobOutcome> {
    const { deleted, complete } = await this.#cleanup.run(stopping);
    for (const record of EXPIRING_RECORDS) this.#deleted.increment({ record }, deleted[record]);
    return { ...deleted, complete };
  }
}
