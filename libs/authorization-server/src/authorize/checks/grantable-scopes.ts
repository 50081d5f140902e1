import { OAuthError, type Parameters, type ResourceIdentifier } from '@gatehouse/protocol';
import { intersect } from '@gatehouse/scopes';
import type { Client } from '../../clients/client.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';
import { requestedScopes } from '../../scopes/requested-scopes.js';

/**
 * The scopes to ask the person for: each must be one of the resource's, or tell of the person; and what the client may not
 * ask for at all is taken away. A client that names none of the resource's gets its default. Some clients ask for every
 * scope that the metadata of the server lists: if they named the resource, what belongs to other resources is left out,
 * not held against them.
 * @param userinfo of this server; without it nobody is there to tell of
 * @spec OAuth 2.1 §1.4.1; OpenID Connect Core §3.1.2.1
 */
export function grantableScopes(
  parameters: Parameters,
  resource: ProtectedResource,
  resources: readonly ProtectedResource[],
  client: Client,
  userinfo?: ResourceIdentifier,
): readonly string[] {
  const own = scopeNames([resource]);
  const identity = scopeNames(resources.filter(({ identifier }) => identifier === userinfo));
  const elsewhere = parameters.has('resource') ? scopeNames(resources) : own;
  const requested = requestedScopes(parameters) ?? [];
  // Some clients always ask who the person is: that names nothing of the resource, and is no reason to refuse them.
  const namesNothing = requested.every((scope) => identity.has(scope) && !own.has(scope));
  const named = namesNothing ? [...resource.defaultScopes, ...requested] : requested;
  const asked = named.filter((scope) => own.has(scope) || identity.has(scope));
  if (!asked.some((scope) => own.has(scope)) || !named.every((scope) => asked.includes(scope) || elsewhere.has(scope)))
    throw new OAuthError('invalid_scope', 'unknown_scope');
  const scopes = client.scopes ? intersect(asked, client.scopes) : asked;
  if (!scopes.some((scope) => own.has(scope))) throw new OAuthError('invalid_scope', 'scope_not_granted');
  return scopes;
}

function scopeNames(resources: readonly ProtectedResource[]): ReadonlySet<string> {
  return new Set(resources.flatMap(({ disabledAt, scopes }) => (disabledAt ? [] : scopes.map(({ name }) => name))));
}
