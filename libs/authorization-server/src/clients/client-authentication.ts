import { type Clock, OAuthError, type RefusalReason } from '@gatehouse/protocol';
import { clientId } from './client-id.js';
import type { Client } from './client.js';
import type { ClientStore } from './client.store.js';
import { type AuthenticatedRequest, type PresentedCredentials, presentedCredentials } from './presented-credentials.js';
import { matchSecret } from './secret-match.js';

/**
 * Who is calling: one answer for every endpoint at which clients appear. A client must use the method it is registered
 * with, at each request. All failures are `invalid_client` with the same text. Costs one store call.
 * @spec OAuth 2.1 §3.2.1
 */
export class ClientAuthentication {
  constructor(private readonly by: { readonly clients: ClientStore; readonly clock: Clock }) {}

  /** @throws OAuthError invalid_client (status 401 when the Authorization header was used, else 400), invalid_request */
  async authenticate(request: AuthenticatedRequest): Promise<Client> {
    const credentials = presentedCredentials(request);
    const id = clientId(credentials.id);
    const client = id && (await this.by.clients.find(id));
    const problem = client ? this.#problem(client, credentials) : 'unknown_client';
    if (!client || problem)
      throw new OAuthError('invalid_client', problem ?? 'unknown_client', { status: credentials.refusalStatus });
    return client;
  }

  #problem(client: Client, { method, secret }: PresentedCredentials): RefusalReason | undefined {
    if (method !== client.authMethod) return 'wrong_client_auth_method';
    if (secret !== undefined) {
      const match = matchSecret(secret, client.secrets, this.by.clock.now());
      if (match !== 'match') return match === 'expired' ? 'expired_client_secret' : 'wrong_client_secret';
    }
    return client.disabledAt ? 'disabled_client' : undefined;
  }
}
