import type { Principal } from '@gatehouse/token-validation';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Resource } from '../resource/resource.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    protectedResource?: Resource;
  }
  interface FastifyRequest {
    /** Set by the access-token guard, and by nothing else. */
    principal?: Principal;
  }
}

/** A route of this resource: its tokens open it, its metadata is named in refusals, its bodies are left unread. */
export const RouteOf = (resource: Resource): MethodDecorator => RouteConfig({ protectedResource: resource });

export function resourceOf(request: FastifyRequest): Resource | undefined {
  return request.routeOptions.config.protectedResource;
}
