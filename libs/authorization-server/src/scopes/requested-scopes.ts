import { OAuthError, type Parameters } from '@gatehouse/protocol';
import { parseScope } from '@gatehouse/scopes';

/**
 * The `scope` of a request; undefined when none is left. `offline_access` is no scope of any resource: SDKs add it, and
 * whether a client gets refresh tokens is decided by its registration, so it is dropped without a word.
 * @throws OAuthError invalid_scope for malformed text
 */
export function requestedScopes(parameters: Parameters): readonly string[] | undefined {
  const scopes = parseScope(parameters.get('scope'));
  if (!scopes) throw new OAuthError('invalid_scope', 'malformed_scope');
  const wanted = scopes.filter((scope) => scope !== 'offline_access');
  return wanted.length > 0 ? wanted : undefined;
}
