import { after, type Clock, type TokenHash, tokenHash } from '@gatehouse/protocol';
import { TokenLiveness } from './token-liveness.js';

/**
 * Keeps a yes for some seconds, which is the time that a revocation takes to arrive. A no is never kept: it costs only
 * those who send dead tokens. Requests with one token share one question.
 */
export class RememberedLiveness extends TokenLiveness {
  readonly #liveUntil = new Map<TokenHash, Date>();
  readonly #asking = new Map<TokenHash, Promise<boolean>>();

  constructor(
    private readonly issuer: TokenLiveness,
    private readonly clock: Clock,
    private readonly seconds: number,
    private readonly capacity = 10_000,
  ) {
    super();
  }

  override async isLive(token: string): Promise<boolean> {
    if (this.seconds <= 0) return this.issuer.isLive(token);
    const hash = tokenHash(token);
    const until = this.#liveUntil.get(hash);
    const now = this.clock.now();
    // Further away than a yes can be kept: the clock was set back since.
    if (until && until > now && until <= after(now, this.seconds)) return true;
    const asking = this.#asking.get(hash);
    if (asking) return asking;
    const answer = this.#ask(hash, token).finally(() => this.#asking.delete(hash));
    this.#asking.set(hash, answer);
    return answer;
  }

  async #ask(hash: TokenHash, token: string): Promise<boolean> {
    // From when we asked, not from when the answer came: it may have been on its way while the revocation happened.
    const until = after(this.clock.now(), this.seconds);
    this.#liveUntil.delete(hash);
    const live = await this.issuer.isLive(token);
    if (live) {
      this.#liveUntil.set(hash, until);
      this.#trim();
    }
    return live;
  }

  /** Answers stand in the order in which they end, so the oldest are the first. */
  #trim(): void {
    for (const [hash, until] of this.#liveUntil) {
      if (this.#liveUntil.size <= this.capacity && until > this.clock.now()) return;
      this.#liveUntil.delete(hash);
    }
  }
}
