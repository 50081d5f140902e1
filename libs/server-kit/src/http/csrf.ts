import { createHmac } from 'node:crypto';
import { OAuthError, sameHash } from '@gatehouse/protocol';
import type { FastifyRequest } from 'fastify';

/**
 * Forms of the interaction pages are bound to the browser and to the interaction in the URL: the token is a MAC under
 * the browser cookie, which no other site can read. It needs no store and survives a change of replica.
 */
export function csrfToken(browser: string, interactionId: string): string {
  return createHmac('sha256', browser).update(`csrf:${interactionId}`).digest('base64url');
}

export interface CsrfSubject {
  readonly browser: string | undefined;
  readonly interactionId: string;
  readonly presented: string | null;
}

/** @throws OAuthError with status 403 */
export function verifyCsrfToken({ browser, interactionId, presented }: CsrfSubject): void {
  if (browser === undefined || presented === null || !sameHash(csrfToken(browser, interactionId), presented))
    throw new OAuthError('invalid_request', 'wrong_csrf_token', { status: 403 });
}

/**
 * Second line behind the token: a browser says where a post comes from. Absent headers prove nothing and are let through
 * to the token check; `Origin: null` is a sandboxed frame or a data URL, and none of our pages is one.
 * @throws OAuthError with status 403
 */
export function refuseCrossSitePost(request: FastifyRequest, issuerOrigin: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if ((origin !== undefined && origin !== issuerOrigin) || site === 'cross-site')
    throw new OAuthError('invalid_request', 'cross_site_post', { status: 403 });
}
