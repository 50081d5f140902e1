import { type AuthorizationId, type ClientId, type Clock, OAuthError } from '@gatehouse/protocol';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { parseRefreshToken, placeOf } from '../authorizations/refresh-token.js';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import type { AuthenticatedRequest } from '../clients/presented-credentials.js';
import type { AccessTokenReader } from '../tokens/access-token.js';

/**
 * A client gives back what it was granted. Whichever token it names, the whole authorization ends: its refresh tokens
 * at once, its access tokens wherever liveness is checked. A token nobody knows is as good as revoked. The hint of the
 * type is not needed: the two kinds cannot be mistaken for each other.
 * Costs three store calls for a refresh token, two for an access token.
 * @spec RFC 7009 §2
 */
export class RevocationEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly authorizations: AuthorizationStore;
      readonly accessTokens: AccessTokenReader;
    },
  ) {}

  /** @throws OAuthError invalid_grant when the token belongs to another client, and what ClientAuthentication throws */
  async revoke(request: AuthenticatedRequest): Promise<void> {
    const token = request.parameters.require('token');
    const client = await this.by.clients.authenticate(request);
    const owned = (await this.#byRefreshToken(token)) ?? (await this.#byAccessToken(token));
    if (!owned) return;
    if (owned.clientId !== client.id) throw new OAuthError('invalid_grant', 'token_of_other_client');
    await this.by.authorizations.revoke(owned.id, 'revoked_by_client', {
      type: 'token.revoked',
      at: this.by.clock.now(),
      clientId: client.id,
      authorizationId: owned.id,
    });
  }

  /** Any generation will do, as long as it was really issued: who names a family without proof cannot end it. */
  async #byRefreshToken(text: string): Promise<{ id: AuthorizationId; clientId: ClientId } | undefined> {
    const token = parseRefreshToken(text);
    if (!token) return undefined;
    const found = await this.by.authorizations.find(token.authorizationId);
    const refresh = found?.authorization.refresh;
    return refresh && placeOf(token, refresh) !== 'forged' ? found.authorization : undefined;
  }

  async #byAccessToken(text: string): Promise<{ id: AuthorizationId; clientId: ClientId } | undefined> {
    const claims = await this.by.accessTokens.read(text);
    return claims && { id: claims.grant_id, clientId: claims.client_id };
  }
}
