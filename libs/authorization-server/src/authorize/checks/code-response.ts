import { OAuthError, type Parameters } from '@gatehouse/protocol';
import type { Client } from '../../clients/client.js';

/** A code is all there is to have here: no implicit grant. @spec OAuth 2.1 §4.1.1, §10 */
export function requireCodeResponse({ grantTypes }: Client, parameters: Parameters): void {
  if (parameters.require('response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'unsupported_response_type');
  if (!grantTypes.includes('authorization_code'))
    throw new OAuthError('unauthorized_client', 'grant_type_not_registered');
}
