import { type Clock, OAuthError } from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import type { ClientUsage } from '../clients/client-usage.js';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import type { AuthenticatedRequest } from '../clients/presented-credentials.js';
import type { Grant } from '../grants/grant.js';
import type { AccessTokenIssuer } from './access-token.js';

/** @spec OAuth 2.1 §3.2.3 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
}

/**
 * What all grants share, in one order: known grant, its parameters there, authenticated client, client registered for the
 * grant. (A client that signs spends its assertion there: a request that is of no use should not get so far.) Then the
 * grant says what is due, the access token is signed, and only then anything is spent: if no key may sign now, the code
 * and the refresh token are still good.
 * Costs three store calls: the client, what was presented, one conditional write; one more for a client that signs,
 * and one more on the first token of a client in a day.
 */
export class TokenEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly accessTokens: AccessTokenIssuer;
      readonly grants: readonly Grant[];
      readonly usage: ClientUsage;
    },
  ) {}

  /** @throws OAuthError */
  async handle(request: AuthenticatedRequest): Promise<TokenResponse> {
    const { parameters } = request;
    const type = parameters.require('grant_type');
    const grant = this.by.grants.find((each) => each.type === type);
    if (!grant) throw new OAuthError('unsupported_grant_type', 'unsupported_grant_type');
    for (const name of grant.parameters) parameters.require(name);
    const client = await this.by.clients.authenticate(request);
    if (!client.grantTypes.includes(grant.type))
      throw new OAuthError('unauthorized_client', 'grant_type_not_registered');

    const now = this.by.clock.now();
    const { authorization, scopes, commit } = await grant.prepare({ client, parameters, now });
    const { token, expiresIn } = await this.by.accessTokens.issue({ authorization, scopes, now });
    const { refreshToken } = await commit();
    await this.by.usage.used(client.id, now);
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      scope: formatScope(scopes),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    };
  }
}
