import { RouteConfig } from '@nestjs/platform-fastify';

/** What the layer around the controllers has to know about a route. Read from `request.routeOptions.config`. */
export interface RouteTraits {
  /** Metric label and row of the rate limit table: a name from the code, never part of a URL. */
  readonly endpoint: string;
  /** In which form refusals are answered: an OAuth JSON body, a page for a person, or problem details (RFC 9457). */
  readonly channel: 'json' | 'page' | 'problem';
  /** The only content type the route reads; the platform's HTTP server refuses every other. */
  readonly body?: 'form' | 'json';
  /** Scripts of any origin may call it. Never on pages and the authorization endpoint. @spec OAuth 2.1 §3.1, §3.2 */
  readonly crossOrigin?: boolean;
  /** Callers may prove their key: see next-nonce.ts. */
  readonly takesProofs?: boolean;
  /** The route is part of a resource of this server itself: callers bring an access token for it with these scopes. */
  readonly protectedBy?: OwnProtection;
}

export interface OwnProtection {
  readonly resource: 'admin' | 'userinfo';
  /** All that the operation needs; empty: any token of the resource. */
  readonly scopes: readonly string[];
}

declare module 'fastify' {
  // Optional, for routes that Nest did not make have none of it.
  interface FastifyContextConfig {
    readonly endpoint?: RouteTraits['endpoint'];
    readonly channel?: RouteTraits['channel'];
    readonly body?: 'form' | 'json';
    readonly crossOrigin?: boolean;
    readonly takesProofs?: boolean;
    readonly protectedBy?: OwnProtection;
  }
}

export const Route = (traits: RouteTraits): MethodDecorator => RouteConfig(traits);
