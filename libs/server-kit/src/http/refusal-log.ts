import type { CounterMetric, EventLogger, Metrics } from '@gatehouse/platform';
import { OAUTH_ERROR_CODES, REFUSAL_REASONS } from '@gatehouse/protocol';
import type { Refusal } from './refusal.js';
import { RefusalRecord } from './refusal-record.js';

type Labels = Record<'endpoint' | 'code' | 'reason', readonly string[]>;

/** Log and metric. Labels come from closed lists: a text from outside can never become one. */
export class RefusalLog extends RefusalRecord {
  readonly #counter: CounterMetric<Labels>;

  constructor(
    private readonly logger: EventLogger,
    metrics: Metrics,
    endpoints: readonly string[],
  ) {
    super();
    this.#counter = metrics.counter({
      name: 'gatehouse_refusals_total',
      help: 'Requests that were refused, by endpoint, error code and our reason.',
      labels: { endpoint: endpoints, code: OAUTH_ERROR_CODES, reason: REFUSAL_REASONS },
    });
  }

  override refused(endpoint: string | undefined, refusal: Refusal, requestId?: string): void {
    const { code, reason = 'unexpected', status, cause } = refusal;
    this.#counter.increment({ endpoint: endpoint ?? 'other', code, reason });
    const fields = { endpoint, code, reason, status, requestId };
    if (status >= 500) this.logger.failure('refused', cause, fields);
    else this.logger.event('refused', fields);
  }

  override failed(what: string, cause: unknown, requestId: string): void {
    this.logger.failure(`${what}.failed`, cause, { requestId });
  }
}
