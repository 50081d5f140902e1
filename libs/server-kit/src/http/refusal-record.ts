import type { Refusal } from './refusal.js';

/** Where refusals are written down: a log line with reason and request id, and a counter with closed labels. */
export abstract class RefusalRecord {
  /** `endpoint`: undefined when no route was reached. */
  abstract refused(endpoint: string | undefined, refusal: Refusal, requestId?: string): void;
  /** Something beside the answer went wrong. */
  abstract failed(what: string, cause: unknown, requestId: string): void;
}
