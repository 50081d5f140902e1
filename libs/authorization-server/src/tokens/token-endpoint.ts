import { type Clock, OAuthError } from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import type { ClientUsage } from '../clients/client-usage.js';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import type { AuthenticatedRequest } from '../clients/presented-credentials.js';
import type { DpopProofs } from '../dpop/dpop-proofs.js';
import type { Grant } from '../grants/grant.js';
import { accessScopes } from '../openid/identity-scopes.js';
import type { IdTokenIssuer } from '../openid/id-token.js';
import type { AccessTokenIssuer } from './access-token.js';

/** @spec OAuth 2.1 §3.2.3 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  /** @spec OpenID Connect Core §3.1.3.3, §12.2 */
  readonly id_token?: string;
  /** @spec RFC 8693 §2.2.1 */
  readonly issued_token_type?: string;
}

/**
 * What all grants share, in one order: known grant, its parameters there, a proof that holds, authenticated client, client
 * registered for the grant. (A client that signs spends its assertion there: a request that is of no use, or that comes
 * again with a nonce, should not get so far.) Then the grant says what is due. A proof is spent next, for a request that is
 * good for nothing must not fill a table, and before anything ends or is spent: a request that was overheard and is sent
 * again must not even end what it began. Then the tokens are signed, and only then the code or the refresh token is spent:
 * if no key may sign now, they are still good.
 * Costs three store calls: the client, what was presented, one conditional write; one more for a client that signs, one
 * more (and one verification) with a proof, and one more on the first token of a client in a day.
 */
export class TokenEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly proofs: DpopProofs;
      readonly accessTokens: AccessTokenIssuer;
      readonly idTokens: IdTokenIssuer;
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
    const proof = await this.by.proofs.shown(request.proofs, '/token');
    const client = await this.by.clients.authenticate(request);
    if (!client.grantTypes.includes(grant.type))
      throw new OAuthError('unauthorized_client', 'grant_type_not_registered');

    if (!proof && client.dpopBoundAccessTokens) throw new OAuthError('invalid_dpop_proof', 'missing_dpop_proof');

    const binding = proof && { jkt: proof.jkt };
    const now = this.by.clock.now();
    const prepared = await grant.prepare({ client, parameters, now, binding });
    if (proof) await this.by.proofs.spend(proof);
    if ('end' in prepared) return prepared.end();
    const { authorization, scopes, identity, commit, ...more } = prepared;
    const { token, expiresIn } = await this.by.accessTokens.issue({
      authorization,
      scopes: accessScopes(scopes),
      now,
      binding,
      subject: more.subject,
      actor: more.actor,
      notAfter: more.expiresAt,
    });
    const idToken = identity && (await this.by.idTokens.issue(identity, scopes, now));
    const { refreshToken } = await commit();
    await this.by.usage.used(client.id, now);
    return {
      access_token: token,
      token_type: binding ? 'DPoP' : 'Bearer',
      expires_in: expiresIn,
      scope: formatScope(scopes),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(idToken === undefined ? {} : { id_token: idToken }),
      ...(more.issuedTokenType === undefined ? {} : { issued_token_type: more.issuedTokenType }),
    };
  }
}
