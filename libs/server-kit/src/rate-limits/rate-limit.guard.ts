import { AttemptCounter } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { Clock, tokenHash } from '@gatehouse/protocol';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimits } from './rate-limits.js';
import { SuccessLimit } from './success-limit.js';
import { tooMany } from './too-many.js';

/** Global guard that applies the app's table. @throws OAuthError too_many_requests with the seconds to wait */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: RateLimits,
    private readonly counter: AttemptCounter,
    private readonly successes: SuccessLimit,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { endpoint } = request.routeOptions.config;
    if (endpoint === undefined) return true;
    this.successes.watch(endpoint, request, context.switchToHttp().getResponse<FastifyReply>());
    const limit = this.limits.requests[endpoint];
    if (limit) await this.#count(endpoint, request, limit);
    return true;
  }

  async #count(endpoint: string, request: FastifyRequest, limit: RateLimits['requests'][string]): Promise<void> {
    const now = this.clock.now();
    const until = await this.counter.count(tokenHash(`requests|${endpoint}|${networkKey(request.ip)}`), limit, now);
    if (until) throw tooMany(until, now);
  }
}
