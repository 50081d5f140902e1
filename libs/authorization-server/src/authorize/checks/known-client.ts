import { OAuthError, type Parameters } from '@gatehouse/protocol';
import { clientId } from '../../clients/client-id.js';
import type { Client } from '../../clients/client.js';
import type { ClientStore } from '../../clients/client.store.js';

/** @throws OAuthError for a page: without a client there is nowhere to send an answer. @spec OAuth 2.1 §4.1.2.1 */
export async function knownClient(clients: ClientStore, parameters: Parameters): Promise<Client> {
  const id = clientId(parameters.require('client_id'));
  const client = id && (await clients.find(id));
  if (!client) throw new OAuthError('invalid_client', 'unknown_client', { status: 400 });
  if (client.disabledAt) throw new OAuthError('invalid_client', 'disabled_client', { status: 400 });
  return client;
}
