import { type Clock, secondsSinceEpoch } from '@gatehouse/protocol';
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Bytes of a nonce that travel; more than enough to be unguessable. */
const LENGTH = 24;

/**
 * Nonces that need no memory: a keyed hash over a stretch of time, the same for everybody who asks in it. Replicas with the
 * same key accept each other's. Nobody can make tomorrow's proof today, for nobody but us knows tomorrow's nonce.
 * A nonce is good for at least half the lifetime and at most the whole, give or take a replica's clock.
 * @spec RFC 9449 §8, §11.3
 */
export class DpopNonces {
  readonly #stretch: number;

  /**
   * @param keys newest first: the first one makes nonces, all of them are known
   * @param lifetime seconds
   */
  constructor(
    private readonly keys: readonly Uint8Array[],
    private readonly clock: Clock,
    readonly lifetime = 300,
  ) {
    if (keys.length === 0 || keys.some((key) => key.length < 32)) throw new Error('Nonces need a key of 32 bytes.');
    this.#stretch = lifetime / 2;
  }

  current(): string {
    const [newest] = this.keys;
    return nonceOf(newest, this.#now()).toString('base64url');
  }

  accepts(nonce: string): boolean {
    const presented = Buffer.from(nonce, 'base64url');
    if (presented.length !== LENGTH || presented.toString('base64url') !== nonce) return false;
    const now = this.#now();
    // The next stretch too: a replica whose clock is a moment ahead may have begun it.
    return this.keys.some((key) =>
      [now, now - 1, now + 1].some((stretch) => timingSafeEqual(presented, nonceOf(key, stretch))),
    );
  }

  #now(): number {
    return Math.floor(secondsSinceEpoch(this.clock.now()) / this.#stretch);
  }
}

function nonceOf(key: Uint8Array | undefined, stretch: number): Buffer {
  return createHmac('sha256', key ?? missing())
    .update(`dpop-nonce ${stretch}`)
    .digest()
    .subarray(0, LENGTH);
}

function missing(): never {
  throw new Error('No key.');
}
