import { AttemptCounter } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { Clock, OAuthError, type RefusalReason, tokenHash } from '@gatehouse/protocol';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { claimedClient } from './claimed-client.js';
import { RateLimits } from './rate-limits.js';
import { tooMany } from './too-many.js';

/** Codes that a guesser of secrets, codes and tokens collects. */
const GUESSES = new Set(['invalid_client', 'invalid_grant', 'invalid_token']);
/** A caller that does not exist has no secret to guess, and each invented name would store a row of its own. */
const NOBODY = new Set<RefusalReason>(['unknown_client', 'unknown_resource_server']);
/** More callers than this are not known to be beyond the limit at a time; the others are counted at each failure. */
const MOST_BEYOND = 10_000;

/**
 * Throttle for guessing at endpoints that accept secrets. A refused credential is one upsert; beyond the limit, what is wrong
 * is answered with 429 until the window ends. A request that succeeds touches no counter.
 * By client *and* network: a stranger who names somebody's client id must not be able to slow that client down elsewhere.
 *
 * What is right goes through, always: behind one address there may be thousands of people with one public client, or a
 * stranger beside a company's service in the same cloud, who knows its client id and would shut it out by a hundred wrong
 * secrets a minute. Secrets, codes and tokens are 256 random bits, and assertions are signed: the throttle is not what keeps
 * them from being guessed. Passwords and user codes, which can be, have limits of their own that do shut out.
 * @spec OAuth 2.1 §2.4.1
 */
@Injectable()
export class FailureLimit {
  readonly #beyond = new Map<string, Date>();

  constructor(
    private readonly limits: RateLimits,
    private readonly counter: AttemptCounter,
    private readonly clock: Clock,
  ) {}

  /** @returns what to answer in the place of `error` when there were too many; undefined: `error` */
  async refused(endpoint: string, request: FastifyRequest, error: OAuthError): Promise<OAuthError | undefined> {
    const limit = this.limits.failures[endpoint];
    if (!limit || !GUESSES.has(error.code) || NOBODY.has(error.reason)) return undefined;
    const key = keyOf(endpoint, request);
    const now = this.clock.now();
    const known = this.#beyond.get(key);
    if (known && known > now) return tooMany(known, now);
    const until = await this.counter.count(key, limit, now);
    if (!until) return undefined;
    this.#remember(key, until);
    return tooMany(until, now);
  }

  /** So that a flood of guesses does not write at each. */
  #remember(key: string, until: Date): void {
    this.#beyond.delete(key);
    this.#beyond.set(key, until);
    const [oldest] = this.#beyond.keys();
    if (this.#beyond.size > MOST_BEYOND && oldest !== undefined) this.#beyond.delete(oldest);
  }
}

function keyOf(endpoint: string, request: FastifyRequest): string {
  return tokenHash(`failures|${endpoint}|${networkKey(request.ip)}|${claimedClient(request)}`);
}
