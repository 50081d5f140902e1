import { type KeyId, tokenHash } from '@gatehouse/protocol';
import type { KeyObject } from 'node:crypto';
import type { AccessTokenClaims } from './access-token.js';

export interface SeenToken {
  readonly claims: AccessTokenClaims;
  readonly kid: KeyId;
  /** The key that the signature was checked with. */
  readonly key: KeyObject;
}

/** A few megabytes. Only tokens of our own get here, so nobody can fill it with anything else. */
const MOST = 10_000;

/**
 * Signatures that were checked before: a resource server asks about a token as long as it is used, and checking the same
 * signature again is the dearest part of the answer. It says nothing of whether the token still lives; who reads from
 * here looks at its end and at whether its key is still published, each time.
 * By hash, so that what is in memory is worth nothing.
 */
export class SeenTokens {
  readonly #tokens = new Map<string, SeenToken>();

  get(token: string): SeenToken | undefined {
    const hash = tokenHash(token);
    const seen = this.#tokens.get(hash);
    if (!seen) return undefined;
    // The one used last goes last.
    this.#tokens.delete(hash);
    this.#tokens.set(hash, seen);
    return seen;
  }

  add(token: string, seen: SeenToken): void {
    this.#tokens.set(tokenHash(token), seen);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MOST && oldest !== undefined) this.#tokens.delete(oldest);
  }
}
