import { OAuthError } from '@gatehouse/protocol';
import type { Client } from '../../clients/client.js';
import { isAdministration } from '../../resources/own-resources.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';

/**
 * Whoever may register could ask an administrator for the keys of the house, under any name, and be one careless click
 * away from them. So clients that no operator registered cannot even ask.
 */
export function requireInvitedClient({ origin }: Client, resource: ProtectedResource): void {
  if (isAdministration(resource) && origin !== 'pre-registered')
    throw new OAuthError('invalid_target', 'client_not_pre_registered');
}
