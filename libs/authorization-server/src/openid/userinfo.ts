import { type AccountId, OAuthError } from '@gatehouse/protocol';
import type { OwnPrincipal } from '../resources/own-access.js';
import { type ProfileClaims, profileClaims } from './profile.js';

/** @spec OpenID Connect Core §5.3.2 */
export interface UserinfoResponse extends ProfileClaims {
  readonly sub: AccountId;
}

/**
 * What the caller may know of its person, as it is now. Whether the token is good was found out before, in the one read
 * that also brought the profile.
 * @throws OAuthError invalid_token: nobody stands behind the token
 */
export function userinfo({ accountId, profile, scopes }: OwnPrincipal): UserinfoResponse {
  if (accountId === undefined || !profile) throw new OAuthError('invalid_token', 'unknown_account');
  return { sub: accountId, ...profileClaims(scopes, profile) };
}
