import type { RateLimit } from '@gatehouse/platform';
import { after, type Clock, OAuthError } from '@gatehouse/protocol';
import type { Principal } from '@gatehouse/token-validation';

/** More callers than this are not counted at a time; the one whose window is oldest begins anew. */
const MOST_CALLERS = 10_000;

interface Window {
  readonly endsAt: Date;
  readonly calls: number;
}

/**
 * How many tool calls one person may have made by one client, in this process. Against a model that runs in a circle and
 * a stolen token that empties a store; nobody else's calls count, so nobody can use up another's.
 * @spec MCP tools, Security Considerations
 */
export class ToolCallLimit {
  readonly #windows = new Map<string, Window>();

  constructor(
    private readonly limit: RateLimit | undefined,
    private readonly clock: Clock,
  ) {}

  /** Counts calls that are about to start: all of a batch, or none. @throws OAuthError too_many_requests (rate_limited) */
  count({ resource, clientId, subject }: Principal, calls: number): void {
    if (!this.limit || calls === 0) return;
    const key = JSON.stringify([resource, clientId, subject]);
    const now = this.clock.now();
    const { endsAt, calls: before } = this.#current(key, now) ?? { endsAt: after(now, this.limit.window), calls: 0 };
    if (before + calls > this.limit.limit) {
      const retryAfter = Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000));
      throw new OAuthError('too_many_requests', 'rate_limited', { retryAfter });
    }
    this.#windows.set(key, { endsAt, calls: before + calls });
    for (const [other, { endsAt: end }] of this.#windows) {
      // In the order in which they began, so the first are the first to end.
      if (this.#windows.size <= MOST_CALLERS && end > now) break;
      this.#windows.delete(other);
    }
  }

  #current(key: string, now: Date): Window | undefined {
    const window = this.#windows.get(key);
    if (!window || !this.limit) return undefined;
    // One that ends later than a new one would is of a clock that was set back since.
    if (window.endsAt > now && window.endsAt <= after(now, this.limit.window)) return window;
    this.#windows.delete(key);
    return undefined;
  }
}
