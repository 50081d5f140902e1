import { OAuthError } from '@gatehouse/protocol';
import { AccessAuthentication, type PresentedCredentials, presentedScheme } from '@gatehouse/token-validation';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServedResources } from '../resource/served-resources.js';
import { ACCESS_TOKEN_SCHEME, type AccessTokenOptions } from './access-token.strategy.js';
import { presentedCredentials } from './presented-credentials.js';
import { resourceOf } from './protected-route.js';
import { PUBLIC_ROUTE } from './public.decorator.js';

/**
 * Global, and closed: a route is open where it says so, needs a token of its resource, or is open to nobody. A forgotten
 * decorator costs availability, not safety.
 */
@Injectable()
export class AccessTokenGuard extends AuthGuard(ACCESS_TOKEN_SCHEME) {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: AccessAuthentication,
    private readonly resources: ServedResources,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, targets) === true) return true;
    if (!resourceOf(requestOf(context))) throw new OAuthError('access_denied', 'forbidden_by_policy');
    return (await super.canActivate(context)) === true;
  }

  override getAuthenticateOptions(
    context: ExecutionContext,
  ): AccessTokenOptions & { session: false; property: string } {
    const resource = resourceOf(requestOf(context));
    return {
      session: false,
      property: 'principal',
      authenticate: async (request) => {
        if (!resource) throw new OAuthError('access_denied', 'forbidden_by_policy');
        const { identifier } = this.resources.of(resource);
        const presented = presentedCredentials(request);
        this.#offerNonce(presented, context);
        return this.authentication.authenticate(presented, identifier);
      },
    };
  }

  /**
   * With every answer to a client that proves possession, also a refusal: the next proof can then be right at once.
   * @spec RFC 9449 §8.2, §9
   */
  #offerNonce(presented: PresentedCredentials, context: ExecutionContext): void {
    const nonce = presentedScheme(presented) === 'DPoP' ? this.authentication.currentNonce() : undefined;
    if (nonce !== undefined) void context.switchToHttp().getResponse<FastifyReply>().header('dpop-nonce', nonce);
  }

  override handleRequest<T>(error: unknown, principal: T): T {
    if (error instanceof Error) throw error;
    if (!principal) throw new OAuthError('invalid_token', 'no_access_token');
    return principal;
  }
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
