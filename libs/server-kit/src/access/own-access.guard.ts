import { adminResource, OwnAccess, type OwnPrincipal, userinfoResource } from '@gatehouse/authorization-server';
import { originOf } from '@gatehouse/metadata';
import { OAuthError } from '@gatehouse/protocol';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { headerLines } from '../http/header-lines.js';
import { type OwnProtection } from '../http/route.js';
import { ServerSettings } from '../server-settings.js';

const callers = new WeakMap<FastifyRequest, OwnPrincipal>();

/**
 * Global guard of the routes that are resources of this server itself: those whose `@Route` says `protectedBy`. What it
 * says is also what a refusal tells the client to bring. It reads the Authorization header and no cookie.
 */
@Injectable()
export class OwnAccessGuard implements CanActivate {
  constructor(
    private readonly access: OwnAccess,
    private readonly settings: ServerSettings,
  ) {}

  /** At once where there is nothing to ask: most requests are to routes that are no resource. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { protectedBy } = request.routeOptions.config;
    return protectedBy ? this.#admit(request, protectedBy) : true;
  }

  async #admit(request: FastifyRequest, protectedBy: OwnProtection): Promise<true> {
    const { issuer } = this.settings;
    const [path = '', query = ''] = split(request.raw.url ?? '', '?');
    const principal = await this.access.admit({
      authorization: headerLines(request, 'authorization'),
      proofs: headerLines(request, 'dpop'),
      query,
      method: request.method,
      url: `${originOf(issuer)}${path}`,
      resource: protectedBy.resource === 'admin' ? adminResource(issuer) : userinfoResource(issuer),
      scopes: protectedBy.scopes,
    });
    callers.set(request, principal);
    return true;
  }
}

export function isAdmitted(request: FastifyRequest): boolean {
  return callers.has(request);
}

/** Who is calling a route with `protectedBy`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): OwnPrincipal =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function callerOf(request: FastifyRequest): OwnPrincipal {
  const principal = callers.get(request);
  // Nobody has let the caller in: a guard is missing.
  if (!principal) throw new OAuthError('access_denied', 'forbidden_by_policy');
  return principal;
}

function split(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
