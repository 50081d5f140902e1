import { networkKey } from '@gatehouse/platform';
import { after, Clock } from '@gatehouse/protocol';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { claimedClient } from './claimed-client.js';
import { RateLimits } from './rate-limits.js';
import { tooMany } from './too-many.js';

/** More callers than this are not counted at a time; the one whose window is oldest begins anew. */
const MOST_CALLERS = 10_000;

interface Window {
  readonly endsAt: Date;
  readonly answers: number;
}

/**
 * How many good answers one client gets in one network, in this process: against a client that runs in a circle. Only what
 * succeeded counts, so that nobody uses up what is another's by naming it; and no request waits for a count in a database.
 */
@Injectable()
export class SuccessLimit {
  readonly #windows = new Map<string, Window>();

  constructor(
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {}

  /** Counts the answer to this request if it will be a good one. @throws OAuthError too_many_requests */
  watch(endpoint: string, request: FastifyRequest, reply: FastifyReply): void {
    const limit = this.limits.successes[endpoint];
    if (!limit) return;
    const key = `${endpoint}|${networkKey(request.ip)}|${claimedClient(request)}`;
    const now = this.clock.now();
    const window = this.#current(key, now);
    if (window && window.answers >= limit.limit) throw tooMany(window.endsAt, now);
    reply.raw.once('finish', () => {
      if (reply.statusCode < 300) this.#count(key, limit.window);
    });
  }

  #count(key: string, seconds: number): void {
    const now = this.clock.now();
    const { endsAt, answers } = this.#current(key, now) ?? { endsAt: after(now, seconds), answers: 0 };
    this.#windows.set(key, { endsAt, answers: answers + 1 });
    for (const [other, { endsAt: end }] of this.#windows) {
      if (this.#windows.size <= MOST_CALLERS && end > now) break;
      this.#windows.delete(other);
    }
  }

  #current(key: string, now: Date): Window | undefined {
    const window = this.#windows.get(key);
    if (window && window.endsAt > now) return window;
    this.#windows.delete(key);
    return undefined;
  }
}
