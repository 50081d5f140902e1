import { isLoopbackRedirect, OAuthError } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';

/**
 * A web client has https addresses of its own and none on the person's machine. A native one may have both: clients
 * that run in the browser and on the desktop register all of them under one id. Clients that do not say (older ones
 * never do) are what their addresses make them.
 * @spec OpenID Connect Dynamic Client Registration §2; RFC 8252 §7
 */
export function applicationType(
  declared: string | undefined,
  redirectUris: readonly string[],
): Client['applicationType'] {
  const web = redirectUris.length > 0 && redirectUris.every(isRemoteHttps);
  if (declared === undefined) return web ? 'web' : 'native';
  if (declared !== 'web' && declared !== 'native')
    throw new OAuthError('invalid_client_metadata', 'invalid_application_type');
  if (declared === 'web' && !web) throw new OAuthError('invalid_redirect_uri', 'invalid_application_type');
  return declared;
}

function isRemoteHttps(uri: string): boolean {
  return uri.startsWith('https://') && !isLoopbackRedirect(uri.replace('https://', 'http://'));
}
