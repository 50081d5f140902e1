import { OAuthError, type Parameters } from '@gatehouse/protocol';
import { answersThere, type ClientDirectory } from '../../clients/client-directory.js';
import { clientId } from '../../clients/client-id.js';
import type { Client } from '../../clients/client.js';

/** @throws OAuthError for a page: without a client there is nowhere to send an answer. @spec OAuth 2.1 §4.1.2.1 */
export async function knownClient(clients: ClientDirectory, parameters: Parameters): Promise<Client> {
  const id = clientId(parameters.require('client_id'));
  if (!id) throw new OAuthError('invalid_client', 'unknown_client', { status: 400 });
  return clients.current(id, answersThere(parameters));
}
