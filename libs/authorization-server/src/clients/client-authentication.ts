import { type Clock, OAuthError, type RefusalReason } from '@gatehouse/protocol';
import type { ClientAssertions } from './client-assertion.js';
import { answersThere, type ClientDirectory } from './client-directory.js';
import { clientId } from './client-id.js';
import type { Client } from './client.js';
import { looksLikeUrl } from './documents/client-id-url.js';
import { type AuthenticatedRequest, type PresentedCredentials, presentedCredentials } from './presented-credentials.js';
import type { Secrets } from './secrets.js';

/**
 * Who is calling: one answer for every endpoint at which clients appear. A client must use the method it is registered
 * with, at each request. All failures are `invalid_client` with the same text. Costs one store call, and one more for
 * a client that signs; another at the first use of a secret after the key it is stored under was replaced.
 * @spec OAuth 2.1 §3.2.1
 */
export class ClientAuthentication {
  constructor(
    private readonly by: {
      readonly clients: ClientDirectory;
      readonly clock: Clock;
      readonly secrets: Secrets;
      readonly assertions: ClientAssertions;
    },
  ) {}

  /**
   * @param how.firstContact the request begins an authorization, so a metadata document may be fetched for it that nobody
   *   here has seen before
   * @throws OAuthError invalid_client (status 401 when the Authorization header was used, else 400), invalid_request
   */
  async authenticate(request: AuthenticatedRequest, how: { readonly firstContact?: true } = {}): Promise<Client> {
    const credentials = presentedCredentials(request);
    const id = clientId(credentials.id);
    const fetched = how.firstContact === true && looksLikeUrl(credentials.id);
    const { clients } = this.by;
    const client = id && (await (fetched ? clients.current(id, answersThere(request.parameters)) : clients.find(id)));
    const problem = client ? await this.#problem(client, credentials) : 'unknown_client';
    if (!client || problem)
      throw new OAuthError('invalid_client', problem ?? 'unknown_client', { status: credentials.refusalStatus });
    const { secret } = credentials;
    const renewal = secret === undefined ? undefined : this.by.secrets.renewal(secret, client.secrets);
    if (renewal) await this.by.clients.renewSecret(client, renewal);
    return client;
  }

  async #problem(client: Client, credentials: PresentedCredentials): Promise<RefusalReason | undefined> {
    const { method, secret, assertion } = credentials;
    if (method !== client.authMethod) return 'wrong_client_auth_method';
    if (secret !== undefined) {
      const match = this.by.secrets.match(secret, client.secrets, this.by.clock.now());
      if (match !== 'match') return match === 'expired' ? 'expired_client_secret' : 'wrong_client_secret';
    }
    const standing = this.by.clients.problem(client);
    if (standing) return standing;
    return assertion === undefined ? undefined : this.by.assertions.spend(assertion, client);
  }
}
