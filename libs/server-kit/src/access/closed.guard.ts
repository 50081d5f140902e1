import { OAuthError } from '@gatehouse/protocol';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { isAdmitted } from './own-access.guard.js';
import { PUBLIC_ROUTE } from './public.decorator.js';

/**
 * Global guard: a route is open only where it says so. The endpoints of an authorization server authenticate their callers
 * themselves, by client credentials or session, and are public by decorator; to those of its own resources OwnAccessGuard
 * lets in who shows a token. A route that forgot either answers nobody.
 */
@Injectable()
export class ClosedGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (open !== true && !isAdmitted(context.switchToHttp().getRequest<FastifyRequest>()))
      throw new OAuthError('access_denied', 'forbidden_by_policy');
    return true;
  }
}
