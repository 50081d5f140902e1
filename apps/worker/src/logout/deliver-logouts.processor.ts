import { LogoutDeliveries } from '@gatehouse/authorization-server';
import { type JobData, type JobOutcome, JobProcessor, JobTelemetry } from '@gatehouse/jobs';
import { type CounterMetric, Metrics } from '@gatehouse/platform';
import { Processor } from '@nestjs/bullmq';

const OUTCOMES = ['delivered', 'postponed', 'given_up'] as const;

/** Tells clients that sessions have ended, as often as somebody can have ended one. A run with nothing to do is one statement. */
@Processor('deliver-logouts')
export class DeliverLogoutsProcessor extends JobProcessor<'deliver-logouts'> {
  protected override readonly name = 'deliver-logouts';
  readonly #deliveries: LogoutDeliveries;
  readonly #notices: CounterMetric<{ readonly outcome: typeof OUTCOMES }>;

  constructor(telemetry: JobTelemetry, deliveries: LogoutDeliveries, metrics: Metrics) {
    super(telemetry);
    this.#deliveries = deliveries;
    this.#notices = metrics.counter({
      name: 'gatehouse_logout_notices_total',
      help: 'Attempts of this process to tell a client that a session has ended, by outcome.',
      labels: { outcome: OUTCOMES },
    });
  }

  protected override async run(_: JobData['deliver-logouts'], stopping: AbortSignal): Promise<JobOutcome> {
    const { delivered, postponed, givenUp } = await this.#deliveries.run(stopping);
    this.#notices.increment({ outcome: 'delivered' }, delivered);
    this.#notices.increment({ outcome: 'postponed' }, postponed);
    this.#notices.increment({ outcome: 'given_up' }, givenUp);
    return { delivered, postponed, givenUp, idle: delivered + postponed + givenUp === 0 };
  }
}
