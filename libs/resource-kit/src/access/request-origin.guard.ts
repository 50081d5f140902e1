import { isLoopbackHost } from '@gatehouse/platform';
import { OAuthError } from '@gatehouse/protocol';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { resourceOf } from './protected-route.js';

/** What browser clients send to an MCP endpoint, and what they must be able to read. */
const ACCEPTED = [
  'Authorization',
  'DPoP',
  'Content-Type',
  'Accept',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Last-Event-ID',
];
const EXPOSED = 'WWW-Authenticate, DPoP-Nonce, Retry-After';

/** Which pages may call, and under which names this server is called. */
export class RequestOrigins {
  readonly #publicUrl: URL;
  readonly #loopback: boolean;
  readonly #origins: ReadonlySet<string>;

  constructor(publicUrl: string, allowedOrigins: readonly string[] = []) {
    this.#publicUrl = new URL(publicUrl);
    this.#loopback = isLoopbackHost(this.#publicUrl.hostname);
    this.#origins = new Set([this.#publicUrl.origin, ...allowedOrigins]);
  }

  /**
   * The public name and port, however they are written. On loopback any loopback name and port will do, as an attacker cannot make a browser send
   * one: DNS rebinding comes with the name of the attacker's site.
   */
  isOwnHost(host: string): boolean {
    const { protocol, host: ownHost } = this.#publicUrl;
    if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`${protocol}//${host}`)) return false;
    const url = new URL(`${protocol}//${host}`);
    return url.host === ownHost || (this.#loopback && isLoopbackHost(url.hostname));
  }

  /** Listed ones. On loopback also the developer's own pages, such as the Inspector's. */
  isAllowed(origin: string): boolean {
    if (this.#origins.has(origin)) return true;
    if (!this.#loopback || !URL.canParse(origin)) return false;
    const url = new URL(origin);
    return url.origin === origin && isLoopbackHost(url.hostname);
  }
}

/**
 * The first look at a request to an MCP endpoint, before its credentials: does it come from a page that may call here, and
 * does it call us by our name? No Origin means that it is no browser.
 * @spec MCP Streamable HTTP, Security
 */
@Injectable()
export class RequestOriginGuard implements CanActivate {
  constructor(private readonly origins: RequestOrigins) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (!resourceOf(request)) return true;
    // `host` is X-Forwarded-Host only behind a proxy that the operator trusts.
    if (!this.origins.isOwnHost(hostOf(request))) throw new OAuthError('access_denied', 'wrong_host');
    const { origin } = request.headers;
    if (origin === undefined) return true;
    if (!this.origins.isAllowed(origin)) throw new OAuthError('access_denied', 'wrong_origin');
    allow(http.getResponse<FastifyReply>(), origin);
    return true;
  }
}

/** A target in absolute form says which host is meant, whatever the Host header says. @spec RFC 9112 §3.2.2 */
function hostOf({ host, url }: FastifyRequest): string {
  if (url.startsWith('/')) return host;
  return URL.canParse(url) ? new URL(url).host : '';
}

function allow(reply: FastifyReply, origin: string): void {
  void reply
    .header('access-control-allow-origin', origin)
    .header('access-control-expose-headers', EXPOSED)
    .header('vary', 'Origin');
}

/** The answer to a CORS preflight, which carries no token. */
export function answerPreflight(reply: FastifyReply): void {
  void reply
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', ACCEPTED.join(', '))
    .header('access-control-max-age', '600')
    .code(204)
    .send();
}
