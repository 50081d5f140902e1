import { OAuthError, type Parameters } from '@gatehouse/protocol';
import { intersect } from '@gatehouse/scopes';
import type { Client } from '../../clients/client.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';
import { requestedScopes } from '../../scopes/requested-scopes.js';

/**
 * The scopes to ask the person for: each must be one of the resource's, and what the client may not ask for at all is
 * taken away. A client that names none gets the resource's default.
 * @spec OAuth 2.1 §1.4.1
 */
export function grantableScopes(
  parameters: Parameters,
  resource: ProtectedResource,
  client: Client,
): readonly string[] {
  const asked = requestedScopes(parameters) ?? resource.defaultScopes;
  const known = new Set(resource.scopes.map(({ name }) => name));
  if (!asked.every((scope) => known.has(scope))) throw new OAuthError('invalid_scope', 'unknown_scope');
  const scopes = client.scopes ? intersect(asked, client.scopes) : asked;
  if (scopes.length === 0) throw new OAuthError('invalid_scope', 'scope_not_granted');
  return scopes;
}
