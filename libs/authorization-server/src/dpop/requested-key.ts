import { isThumbprint } from '@gatehouse/dpop';
import { OAuthError, type Parameters } from '@gatehouse/protocol';
import type { KeyBinding } from '../authorizations/authorization.js';

/**
 * The key that the code is to be bound to: whoever takes the code away on its journey through the browser cannot redeem
 * it, not even with the verifier.
 * @spec RFC 9449 §10
 */
export function requestedKey(parameters: Parameters): KeyBinding | undefined {
  const jkt = parameters.get('dpop_jkt');
  if (jkt === undefined) return undefined;
  if (!isThumbprint(jkt)) throw new OAuthError('invalid_request', 'malformed_dpop_jkt');
  return { jkt };
}
