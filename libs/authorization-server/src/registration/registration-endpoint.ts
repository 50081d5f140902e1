import { type ClientId, type Clock, newSecret, OAuthError, type TokenHash, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Client } from '../clients/client.js';
import type { Secrets } from '../clients/secrets.js';
import type { ServerPolicy } from '../server-policy.js';
import { type ClientInformation, clientInformation } from './client-information.js';
import { fingerprint } from './fingerprint.js';
import type { InitialAccessTokenStore } from './initial-access-token.store.js';
import { isUsable } from './initial-access-tokens.js';
import { presentedToken } from './presented-token.js';
import { type Quarantine, sourceNetwork } from './quarantine.js';
import type { RegistrationAttempts } from './registration-attempts.js';
import type { RegistrationStore } from './registration.store.js';
import { hasSecret, resultingClient } from './resulting-client.js';

/**
 * Registration: nothing a client says of itself gives it a right. What is not supported is left out of the answer, never
 * echoed; what makes no sense is refused. The secret is shown once and stored as a hash.
 * A public client that came without an initial access token has nothing secret, so all who register the same are given
 * the same client, which then nobody may manage: a token for one of them would be a token over the others.
 * Costs one store call for a client that is known, and one besides the count for a new one that has a secret; two for
 * a new one that is shared.
 * @see docs/decisions/0014-registration.md
 * @spec RFC 7591 §3, §3.2.1
 */
export class RegistrationEndpoint {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly registrations: RegistrationStore;
      readonly initialAccessTokens: InitialAccessTokenStore;
      readonly secrets: Secrets;
      readonly quarantine: Quarantine;
      readonly attempts: RegistrationAttempts;
    },
  ) {}

  /**
   * @param body parsed JSON, of whatever shape
   * @param authorization header with an initial access token
   * @param network where it comes from
   * @throws OAuthError invalid_redirect_uri, invalid_client_metadata; invalid_token; access_denied when closed;
   *   too_many_requests when too many new ones come from the network
   */
  async register(body: unknown, authorization?: string, network?: string): Promise<ClientInformation> {
    const initialAccessToken = await this.#permission(authorization);
    const own = resultingClient(body, this.by.policy);
    const shared = own.authMethod === 'none' && initialAccessToken === undefined;
    const now = this.by.clock.now();
    const known = shared ? await this.by.registrations.findShared(fingerprint(own), now) : undefined;
    if (known) return this.#answer(known);
    // Whoever has an initial access token was given a number of uses.
    if (network !== undefined && initialAccessToken === undefined) await this.#count(network, now);

    const secret = hasSecret(own.authMethod) ? newSecret('ghs_') : undefined;
    const managementToken = shared ? undefined : newSecret('ghm_');
    const client: Client = {
      ...own,
      id: `c_${randomUUID().replaceAll('-', '')}` as ClientId,
      origin: 'dynamic',
      secrets: secret === undefined ? [] : [{ hash: this.by.secrets.hash(secret) }],
      createdAt: now,
    };
    const stored = await this.by.registrations.admit(
      {
        client,
        ...(managementToken === undefined
          ? { fingerprint: fingerprint(own) }
          : { managementToken: tokenHash(managementToken) }),
        ...(initialAccessToken === undefined ? {} : { initialAccessToken }),
        ...(network === undefined ? {} : { source: sourceNetwork(network) }),
      },
      {
        type: 'client.registered',
        at: now,
        clientId: client.id,
        detail: { applicationType: client.applicationType, authMethod: client.authMethod },
      },
      now,
    );
    if (!stored)
      throw initialAccessToken === undefined
        ? // Of those who register the same one is deleted whenever another looks for it: let them come again.
          new OAuthError('temporarily_unavailable', 'unexpected')
        : new OAuthError('invalid_token', 'unusable_initial_access_token');
    if (stored.id === client.id && initialAccessToken === undefined) await this.by.quarantine.grew();
    return this.#answer(stored, secret, managementToken);
  }

  #answer(client: Client, secret?: string, managementToken?: string): ClientInformation {
    // Otherwise whoever was shut out would be let in again by asking for the same once more.
    if (client.disabledAt) throw new OAuthError('invalid_client_metadata', 'disabled_client');
    return clientInformation(client, { issuer: this.by.issuer, secret, managementToken });
  }

  async #count(network: string, now: Date): Promise<void> {
    const until = await this.by.attempts.count(network, now);
    if (!until) return;
    const retryAfter = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
    throw new OAuthError('too_many_requests', 'rate_limited', { retryAfter });
  }

  /** A token that is presented must be good even where none is needed: what is shown as proof is never overlooked. */
  async #permission(authorization: string | undefined): Promise<TokenHash | undefined> {
    const { registration } = this.by.policy;
    if (registration === 'closed') throw new OAuthError('access_denied', 'registration_closed');
    const presented = presentedToken(authorization);
    if (presented === undefined) {
      if (registration === 'open') return undefined;
      throw new OAuthError('invalid_token', 'no_initial_access_token');
    }
    const hash = tokenHash(presented);
    const token = await this.by.initialAccessTokens.find(hash);
    if (!token || !isUsable(token, this.by.clock.now()))
      throw new OAuthError('invalid_token', 'unusable_initial_access_token');
    return hash;
  }
}
