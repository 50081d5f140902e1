import { type ClientId, newSecret, type TokenHash, tokenHash } from '@gatehouse/protocol';

/** The parameters of an authorization request, kept for the moment until the browser comes with their name. */
export interface PushedRequest {
  readonly id: TokenHash;
  readonly clientId: ClientId;
  /** In order, without credentials and without `client_id`, which stands beside them. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly expiresAt: Date;
}

const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/** 256 random bits: who does not know the name cannot use the request. @spec RFC 9126 §2.2, §7.1 */
export function newRequestUri(): { readonly requestUri: string; readonly id: TokenHash } {
  const secret = newSecret('ghq_');
  return { requestUri: PREFIX + secret, id: tokenHash(secret) };
}

/** Undefined for a URI that is not of our making, and would have to be fetched. */
export function pushedRequestId(requestUri: string): TokenHash | undefined {
  return requestUri.startsWith(PREFIX) ? tokenHash(requestUri.slice(PREFIX.length)) : undefined;
}
