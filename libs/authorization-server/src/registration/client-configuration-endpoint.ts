import { type Clock, newSecret, OAuthError, sameHash, tokenHash } from '@gatehouse/protocol';
import { clientId } from '../clients/client-id.js';
import type { Client } from '../clients/client.js';
import type { Secrets } from '../clients/secrets.js';
import type { ServerPolicy } from '../server-policy.js';
import { type ClientInformation, clientInformation } from './client-information.js';
import { presentedToken } from './presented-token.js';
import type { ManagedClient, RegistrationStore } from './registration.store.js';
import { hasSecret, resultingClient } from './resulting-client.js';

/** What only the server says of a client. @spec RFC 7592 §2.2 */
const SERVER_MANAGED = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
] as const;

/**
 * A client looks after its own registration, with the token it got when it registered. The token is never replaced, so
 * that an answer lost on the way does not cost the client its registration; it ends with the client.
 * An unknown client and a wrong token are answered alike. A disabled client cannot be read, changed or removed: it would
 * come back by it, or take the evidence along.
 * @spec RFC 7592 §2
 */
export class ClientConfigurationEndpoint {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly registrations: RegistrationStore;
      readonly secrets: Secrets;
    },
  ) {}

  /** @throws OAuthError invalid_token, access_denied for a disabled client */
  async read(id: string, authorization: string | undefined): Promise<ClientInformation> {
    const { client, token } = await this.#managed(id, authorization);
    return this.#information(client, token);
  }

  /**
   * Everything the client says of itself is replaced; what it leaves out gets its default.
   * @throws OAuthError invalid_token, access_denied, invalid_redirect_uri, invalid_client_metadata
   */
  async replace(id: string, body: unknown, authorization: string | undefined): Promise<ClientInformation> {
    const { client, managementToken, token } = await this.#managed(id, authorization);
    this.#requireOwnRecord(body, client);
    const own = resultingClient(body, this.by.policy);
    const secret = hasSecret(own.authMethod) && !hasSecret(client.authMethod) ? newSecret('ghs_') : undefined;
    const made = secret === undefined ? undefined : [{ hash: this.by.secrets.hash(secret) }];
    // Undefined: they stay as they are in the store, where somebody may be replacing them at this moment.
    const secrets = hasSecret(own.authMethod) ? made : [];
    const { id: clientId, origin, createdAt } = client;
    const next: Client = { ...own, id: clientId, origin, createdAt, secrets: secrets ?? client.secrets };
    const replaced = await this.by.registrations.replace({ client: next, managementToken }, secrets, {
      type: 'client.changed',
      at: this.by.clock.now(),
      clientId,
      detail: { applicationType: next.applicationType, authMethod: next.authMethod, bySelf: true },
    });
    // Disabled or removed since it was read.
    if (!replaced) throw new OAuthError('access_denied', 'disabled_client');
    return this.#information(next, token, secret);
  }

  /** @throws OAuthError invalid_token, access_denied */
  async remove(id: string, authorization: string | undefined): Promise<void> {
    const { client, managementToken } = await this.#managed(id, authorization);
    const removed = await this.by.registrations.remove(client.id, managementToken, {
      type: 'client.removed',
      at: this.by.clock.now(),
      clientId: client.id,
    });
    if (!removed) throw new OAuthError('access_denied', 'disabled_client');
  }

  async #managed(id: string, authorization: string | undefined): Promise<ManagedClient & { readonly token: string }> {
    const token = presentedToken(authorization);
    if (token === undefined) throw new OAuthError('invalid_token', 'no_registration_token');
    const known = clientId(id);
    const managed = known && (await this.by.registrations.findManaged(known));
    if (!managed) throw new OAuthError('invalid_token', 'unknown_client');
    if (!sameHash(managed.managementToken, tokenHash(token)))
      throw new OAuthError('invalid_token', 'wrong_registration_token');
    if (managed.client.disabledAt) throw new OAuthError('access_denied', 'disabled_client');
    // Taken over by the operator since: its own token has no say any more.
    if (managed.client.origin !== 'dynamic') throw new OAuthError('access_denied', 'client_not_dynamic');
    return { ...managed, token };
  }

  /** @spec RFC 7592 §2.2 */
  #requireOwnRecord(body: unknown, client: Client): void {
    const metadata = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
    if (metadata['client_id'] !== client.id)
      throw new OAuthError('invalid_client_metadata', 'metadata_of_other_client');
    if (SERVER_MANAGED.some((member) => (metadata[member] ?? undefined) !== undefined))
      throw new OAuthError('invalid_client_metadata', 'server_managed_metadata');
    const secret = metadata['client_secret'] ?? undefined;
    if (secret === undefined) return;
    const match =
      typeof secret === 'string' ? this.by.secrets.match(secret, client.secrets, this.by.clock.now()) : 'wrong';
    // A client does not choose its secret: it may repeat the one it has.
    if (match !== 'match') throw new OAuthError('invalid_client_metadata', 'wrong_client_secret');
  }

  #information(client: Client, managementToken: string, secret?: string): ClientInformation {
    return clientInformation(client, { issuer: this.by.issuer, secret, managementToken });
  }
}
