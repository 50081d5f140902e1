import { originOf } from '@gatehouse/metadata';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Cookies } from '../http/cookies.js';
import { refuseCrossSitePost, verifyCsrfToken } from '../http/csrf.js';
import { formFields } from '../http/request-body.js';
import { ServerSettings } from '../server-settings.js';

/**
 * For every post of an interaction page: it must come from our own page, rendered for this very interaction in this very
 * browser. A page outside of any interaction is bound to its endpoint instead. @throws OAuthError with status 403
 */
@Injectable()
export class InteractionFormGuard implements CanActivate {
  readonly #origin: string;

  constructor(
    private readonly cookies: Cookies,
    { issuer }: ServerSettings,
  ) {
    this.#origin = originOf(issuer);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { id?: string } }>>();
    refuseCrossSitePost(request, this.#origin);
    verifyCsrfToken({
      browser: this.cookies.read(request, 'browser'),
      interactionId: request.params.id ?? request.routeOptions.config.endpoint ?? '',
      presented: formFields(request).get('csrf'),
    });
    return true;
  }
}
