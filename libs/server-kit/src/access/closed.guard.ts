import { OAuthError } from '@gatehouse/protocol';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { PUBLIC_ROUTE } from './public.decorator.js';

/**
 * Global guard: a route is open only where it says so. The endpoints of an authorization server authenticate their callers
 * themselves, by client credentials or session, and are public by decorator; those of its own resources say what protects
 * them, and OwnAccessGuard sees to it. A route that says neither answers nobody.
 */
@Injectable()
export class ClosedGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { protectedBy } = context.switchToHttp().getRequest<FastifyRequest>().routeOptions.config;
    if (open !== true && !protectedBy) throw new OAuthError('access_denied', 'forbidden_by_policy');
    return true;
  }
}
