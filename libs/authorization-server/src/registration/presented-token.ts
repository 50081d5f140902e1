import { OAuthError } from '@gatehouse/protocol';

/**
 * The token of an Authorization header; undefined without one. Another scheme is no token, and no reason to go on as if
 * nothing had been presented.
 * @throws OAuthError invalid_token
 * @spec RFC 6750 §2.1
 */
export function presentedToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = /^bearer +([A-Za-z0-9._~+/-]{1,500}=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new OAuthError('invalid_token', 'malformed_registration_token');
  return token;
}
