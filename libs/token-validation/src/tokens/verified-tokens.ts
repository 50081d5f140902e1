import { after, type Clock, type TokenHash, tokenHash } from '@gatehouse/protocol';
import type { VerificationKey } from '../keys/issuer-keys.js';
import type { AccessTokenClaims } from './access-token-claims.js';

export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  readonly key: VerificationKey;
}

/** An entry outlives neither its token nor this: a mistake in the cache must not last. */
const MAX_SECONDS = 300;

/**
 * Tokens whose signature and claims have been checked, by hash. A hit saves the signature, nothing else: audience, key, proof
 * of possession and liveness are asked again every time. Refused tokens are not kept, so that an attacker cannot fill it
 * with them.
 */
export class VerifiedTokens {
  readonly #entries = new Map<TokenHash, VerifiedToken & { readonly until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly capacity = 10_000,
  ) {}

  get(token: string): VerifiedToken | undefined {
    const hash = tokenHash(token);
    const entry = this.#entries.get(hash);
    if (!entry) return undefined;
    this.#entries.delete(hash);
    if (entry.until <= this.clock.now().getTime()) return undefined;
    // Back to the young end: the map's order is the order of last use.
    this.#entries.set(hash, entry);
    return entry;
  }

  put(token: string, verified: VerifiedToken, endsAt: Date): void {
    const until = Math.min(endsAt.getTime(), after(this.clock.now(), MAX_SECONDS).getTime());
    this.#entries.set(tokenHash(token), { ...verified, until });
    for (const hash of this.#entries.keys()) {
      if (this.#entries.size <= this.capacity) break;
      this.#entries.delete(hash);
    }
  }

  delete(token: string): void {
    this.#entries.delete(tokenHash(token));
  }

  get size(): number {
    return this.#entries.size;
  }
}
