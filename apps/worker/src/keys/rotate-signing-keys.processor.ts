import { SigningKeyRotation } from '@gatehouse/authorization-server';
import { type JobData, type JobOutcome, JobProcessor, JobTelemetry } from '@gatehouse/jobs';
import { type CounterMetric, Metrics } from '@gatehouse/platform';
import { Processor } from '@nestjs/bullmq';

const CHANGES = ['published', 'withdrawn'] as const;

/** Asks every few minutes whether a step of the keys' life is due. The audit is written with the step, by the store. */
@Processor('rotate-signing-keys')
export class RotateSigningKeysProcessor extends JobProcessor<'rotate-signing-keys'> {
  protected override readonly name = 'rotate-signing-keys';
  readonly #rotation: SigningKeyRotation;
  readonly #changes: CounterMetric<{ readonly change: typeof CHANGES }>;

  constructor(telemetry: JobTelemetry, rotation: SigningKeyRotation, metrics: Metrics) {
    super(telemetry);
    this.#rotation = rotation;
    this.#changes = metrics.counter({
      name: 'gatehouse_signing_key_changes_total',
      help: 'Signing keys published and withdrawn by this process.',
      labels: { change: CHANGES },
    });
  }

  protected override async run({ early }: JobData['rotate-signing-keys']): Promise<JobOutcome> {
    const { published, withdrawn } = await this.#rotation.run({ early: early === true });
    if (published !== undefined) this.#changes.increment({ change: 'published' });
    this.#changes.increment({ change: 'withdrawn' }, withdrawn.length);
    return { ...(published === undefined ? {} : { published }), withdrawn };
  }
}
