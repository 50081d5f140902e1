import { isCodeChallenge, OAuthError, type Parameters } from '@gatehouse/protocol';

/**
 * PKCE with S256 for every client, confidential ones too: it is also what stops a code from being injected elsewhere.
 * A missing method means `plain`, which is not offered.
 * @spec OAuth 2.1 §4.1.1, §7.5.2; RFC 7636 §4.3
 */
export function requireCodeChallenge(parameters: Parameters): string {
  const challenge = parameters.get('code_challenge');
  if (challenge === undefined) throw new OAuthError('invalid_request', 'missing_code_challenge');
  if (parameters.get('code_challenge_method') !== 'S256')
    throw new OAuthError('invalid_request', 'unsupported_challenge_method');
  if (!isCodeChallenge(challenge)) throw new OAuthError('invalid_request', 'malformed_code_challenge');
  return challenge;
}
