import { OAuthError, type Parameters } from '@gatehouse/protocol';

const LONGEST = 512;

/**
 * The client's own mark for its ID token: stored with the code and given back byte for byte. Without one PKCE alone ties
 * the code to the client's session, which is enough.
 * @spec OpenID Connect Core §3.1.2.1, §15.5.2; RFC 9700 §2.1.1
 */
export function requestedNonce(parameters: Parameters): string | undefined {
  const nonce = parameters.get('nonce');
  if (nonce !== undefined && nonce.length > LONGEST) throw new OAuthError('invalid_request', 'malformed_nonce');
  return nonce;
}
