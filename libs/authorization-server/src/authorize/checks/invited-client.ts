import { OAuthError } from '@gatehouse/protocol';
import type { Client } from '../../clients/client.js';
import { ADMIN_SCOPES, isAdministration } from '../../resources/own-resources.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';

/**
 * Whoever may register, or declare clients, could ask an administrator for the keys of the house under any name, and be one
 * careless click away from them. So only those clients can even ask that an operator registered for it in so many words,
 * which nobody can do over HTTP.
 * @see docs/decisions/0019-administration.md
 */
export function requireInvitedClient({ origin, scopes }: Client, resource: ProtectedResource): void {
  if (!isAdministration(resource)) return;
  if (origin !== 'pre-registered') throw new OAuthError('invalid_target', 'client_not_pre_registered');
  if (!scopes?.some((scope) => ADMIN_SCOPES.includes(scope)))
    throw new OAuthError('invalid_scope', 'scope_not_granted');
}
