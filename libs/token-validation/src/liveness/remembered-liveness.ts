import { after, type Clock, type TokenHash, tokenHash } from '@gatehouse/protocol';
import { type LiveToken, TokenLiveness } from './token-liveness.js';

interface Remembered {
  readonly live: LiveToken;
  readonly until: Date;
}

/**
 * Keeps a yes for some seconds, with all that came with it; that is the time that a revocation takes to arrive. A no is
 * never kept: it costs only those who send dead tokens. Requests with one token share one question.
 */
export class RememberedLiveness extends TokenLiveness {
  readonly #answers = new Map<TokenHash, Remembered>();
  readonly #asking = new Map<TokenHash, Promise<LiveToken | undefined>>();

  constructor(
    private readonly issuer: TokenLiveness,
    private readonly clock: Clock,
    private readonly seconds: number,
    private readonly capacity = 10_000,
  ) {
    super();
  }

  override async ask(token: string): Promise<LiveToken | undefined> {
    if (this.seconds <= 0) return this.issuer.ask(token);
    const hash = tokenHash(token);
    const known = this.#answers.get(hash);
    const now = this.clock.now();
    // Further away than a yes can be kept: the clock was set back since.
    if (known && known.until > now && known.until <= after(now, this.seconds)) return known.live;
    const asking = this.#asking.get(hash);
    if (asking) return asking;
    const answer = this.#ask(hash, token).finally(() => this.#asking.delete(hash));
    this.#asking.set(hash, answer);
    return answer;
  }

  async #ask(hash: TokenHash, token: string): Promise<LiveToken | undefined> {
    // From when we asked, not from when the answer came: it may have been on its way while the revocation happened.
    const until = after(this.clock.now(), this.seconds);
    this.#answers.delete(hash);
    const live = await this.issuer.ask(token);
    if (live) {
      this.#answers.set(hash, { live, until });
      this.#trim();
    }
    return live;
  }

  /** Answers stand in the order in which they end, so the oldest are the first. */
  #trim(): void {
    for (const [hash, { until }] of this.#answers) {
      if (this.#answers.size <= this.capacity && until > this.clock.now()) return;
      this.#answers.delete(hash);
    }
  }
}
