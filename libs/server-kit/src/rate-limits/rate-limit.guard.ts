import { AttemptCounter } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { Clock, tokenHash } from '@gatehouse/protocol';
import { type CanActivate, type ExecutionContext, Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Visitors } from '../visitors/visitors.js';
import { RateLimits } from './rate-limits.js';
import { SuccessLimit } from './success-limit.js';
import { tooMany } from './too-many.js';

/**
 * Global guard that applies the app's table. Beyond the limit of a network a person who is signed in is counted by account:
 * a flood from behind the same address must not keep colleagues from their work. It costs a read, and only then.
 * @throws OAuthError too_many_requests with the seconds to wait
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: RateLimits,
    private readonly counter: AttemptCounter,
    private readonly successes: SuccessLimit,
    private readonly clock: Clock,
    @Optional() private readonly visitors?: Visitors,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { endpoint } = request.routeOptions.config;
    if (endpoint === undefined) return true;
    this.successes.watch(endpoint, request, context.switchToHttp().getResponse<FastifyReply>());
    const limit = this.limits.requests[endpoint];
    return limit ? this.#count(endpoint, request, limit) : true;
  }

  async #count(endpoint: string, request: FastifyRequest, limit: RateLimits['requests'][string]): Promise<true> {
    const now = this.clock.now();
    const count = (whose: string) => this.counter.count(tokenHash(`requests|${endpoint}|${whose}`), limit, now);
    const until = await count(networkKey(request.ip));
    if (!until) return true;
    const { person } = request.routeOptions.config.channel === 'page' ? ((await this.visitors?.of(request)) ?? {}) : {};
    if (!person || (await count(person.accountId))) throw tooMany(until, now);
    return true;
  }
}
