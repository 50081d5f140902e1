import { AttemptCounter } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { Clock, OAuthError, type RefusalReason, tokenHash } from '@gatehouse/protocol';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { formParameters } from '../http/request-body.js';
import { claimedClient } from './claimed-client.js';
import { RateLimits } from './rate-limits.js';
import { tooMany } from './too-many.js';

/** Codes that a guesser of secrets, codes and tokens collects. */
const GUESSES = new Set(['invalid_client', 'invalid_grant', 'invalid_token']);
/** A caller that does not exist has no secret to guess, and each invented name would store a row of its own. */
const NOBODY = new Set<RefusalReason>(['unknown_client', 'unknown_resource_server']);
/** More callers than this are not blocked at a time; the map is memory that strangers can fill. */
const MOST_BLOCKED = 10_000;

/**
 * Throttle for guessing at endpoints that accept secrets. A refused credential is one upsert, whose answer tells this
 * replica to refuse the client from that network until the window ends. A request that succeeds touches no counter.
 * By client *and* network: a stranger who names somebody's client id must not be able to lock that client out elsewhere.
 *
 * A public client is never shut out, for its id may be that of thousands of people behind one address (a hosted
 * assistant): there, beyond the limit, only what is wrong is answered with 429, and what is right goes through. Its codes
 * and tokens are 256 random bits; the throttle is not what keeps them from being guessed.
 * @spec OAuth 2.1 §2.4.1
 */
@Injectable()
export class FailureLimit {
  readonly #blocked = new Map<string, Date>();

  constructor(
    private readonly limits: RateLimits,
    private readonly counter: AttemptCounter,
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError too_many_requests */
  refuseBlocked(endpoint: string, request: FastifyRequest): void {
    if (this.#blocked.size === 0 || !this.limits.failures[endpoint] || !showsSecret(request)) return;
    const key = keyOf(endpoint, request);
    const until = this.#blocked.get(key);
    if (!until) return;
    const now = this.clock.now();
    if (until > now) throw tooMany(until, now);
    this.#blocked.delete(key);
  }

  /** @returns what to answer in the place of `error` when there were too many; undefined: `error` */
  async refused(endpoint: string, request: FastifyRequest, error: OAuthError): Promise<OAuthError | undefined> {
    const limit = this.limits.failures[endpoint];
    if (!limit || !GUESSES.has(error.code) || NOBODY.has(error.reason)) return undefined;
    const key = keyOf(endpoint, request);
    const now = this.clock.now();
    const until = await this.counter.count(key, limit, now);
    if (!until) return undefined;
    if (!showsSecret(request)) return tooMany(until, now);
    this.#block(key, until);
    return undefined;
  }

  #block(key: string, until: Date): void {
    if (this.#blocked.size >= MOST_BLOCKED) {
      const now = this.clock.now();
      for (const [other, end] of this.#blocked) if (end <= now) this.#blocked.delete(other);
      const oldest = this.#blocked.keys().next();
      if (this.#blocked.size >= MOST_BLOCKED && !oldest.done) this.#blocked.delete(oldest.value);
    }
    this.#blocked.set(key, until);
  }
}

function keyOf(endpoint: string, request: FastifyRequest): string {
  return tokenHash(`failures|${endpoint}|${networkKey(request.ip)}|${claimedClient(request)}`);
}

/** Does the caller claim to prove who it is? */
function showsSecret(request: FastifyRequest): boolean {
  if (request.headers.authorization !== undefined) return true;
  try {
    const parameters = formParameters(request);
    return parameters.has('client_secret') || parameters.has('client_assertion');
  } catch {
    return true;
  }
}
