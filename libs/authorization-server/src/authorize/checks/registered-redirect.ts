import { matchRedirect, OAuthError, type Parameters, type VerifiedRedirect } from '@gatehouse/protocol';
import type { Client } from '../../clients/client.js';

/**
 * The redirect URI may be left out only by a client that has registered just one.
 * @throws OAuthError for a page: an address that was not registered is never redirected to, whatever else is wrong
 * @spec OAuth 2.1 §2.3.2, §2.3.5, §4.1.1
 */
export function registeredRedirect(
  { redirectUris }: Client,
  parameters: Parameters,
): { readonly redirectUri: VerifiedRedirect; readonly redirectUriWasSent: boolean } {
  const sent = parameters.get('redirect_uri');
  const requested = sent ?? (redirectUris.length === 1 ? redirectUris[0] : undefined);
  if (requested === undefined) throw new OAuthError('invalid_request', 'missing_redirect_uri');
  const redirectUri = matchRedirect(requested, redirectUris);
  if (!redirectUri) throw new OAuthError('invalid_request', 'unregistered_redirect_uri');
  return { redirectUri, redirectUriWasSent: sent !== undefined };
}
