import { type Clock, OAuthError, type RefusalReason, type ResourceServerId } from '@gatehouse/protocol';
import { formatScope, parseScope } from '@gatehouse/scopes';
import { trustedFound } from '../access/trusted-standing.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { endOf } from '../authorizations/living.js';
import { clientId } from '../clients/client-id.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import { type AuthenticatedRequest, presentedCredentials } from '../clients/presented-credentials.js';
import type { Secrets } from '../clients/secrets.js';
import type { ActorChain } from '../exchange/actor-chain.js';
import { stillGranted } from '../openid/identity-scopes.js';
import type { ResourceServer } from '../resources/protected-resource.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { AccessTokenClaims, AccessTokenReader } from '../tokens/access-token.js';
import type { Signer } from '../tokens/signer.js';
import { type IntrospectionAnswer, plainAnswer, prefersSigned, signedAnswer } from './signed-introspection.js';

/** @spec RFC 7662 §2.2 */
export type IntrospectionResponse =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly iss: string;
      readonly sub: string;
      readonly aud: string;
      readonly client_id: string;
      /** What of the token's scopes is still the person's to hand on. */
      readonly scope: string;
      readonly exp: number;
      readonly iat: number;
      readonly jti: string;
      readonly token_type: 'Bearer' | 'DPoP';
      /** Key whose proof must come with the token. @spec RFC 9449 §6.2 */
      readonly cnf?: { readonly jkt: string };
      /** Who acts; only the outermost counts. @spec RFC 8693 §4.1 */
      readonly act?: ActorChain;
      /** How surely the person was recognised, and when; absent without one. @spec RFC 9470 §6.2 */
      readonly acr?: string;
      readonly auth_time?: number;
    };

const INACTIVE: IntrospectionResponse = { active: false };

/**
 * Tells a resource server whether an access token meant for it is still good: not revoked, client, account and resource
 * active and the client still wanted here; of an exchanged one that holds for all that it was derived from too. About any
 * other token it learns nothing, not even that it exists.
 * Costs two store calls: the caller, the authorization. One verification; one signature more when the answer is signed.
 * @spec RFC 7662 §2, §4; RFC 9701
 */
export class IntrospectionEndpoint {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly trust: ClientTrustPolicy;
      readonly clock: Clock;
      readonly resources: ResourceStore;
      readonly authorizations: AuthorizationStore;
      readonly accessTokens: AccessTokenReader;
      readonly secrets: Secrets;
      readonly signer: Signer;
    },
  ) {}

  /**
   * @param request.accept the Accept header: an answer may be signed
   * @throws OAuthError invalid_client (401) when the caller is no resource server of ours; temporarily_unavailable when a
   *   signed answer is asked for and no key may sign
   */
  async introspect(request: AuthenticatedRequest & { readonly accept?: string }): Promise<IntrospectionAnswer> {
    const server = await this.#caller(request);
    const claims = await this.by.accessTokens.read(request.parameters.require('token'));
    const now = this.by.clock.now();
    const response = claims ? await this.#ask(claims, server, now) : INACTIVE;
    if (!prefersSigned(request.accept)) return plainAnswer(response);
    return signedAnswer(response, this.by, { audience: server.id, now });
  }

  async #ask(claims: AccessTokenClaims, server: ResourceServer, now: Date): Promise<IntrospectionResponse> {
    const found = await this.by.authorizations.find(claims.grant_id);
    if (found?.serverId !== server.id || found.authorization.resource !== claims.aud) return INACTIVE;
    if (endOf(found, { now, trust: this.by.trust })) return INACTIVE;
    const { standing } = trustedFound(found, this.by.trust);
    const scopes = stillGranted(parseScope(claims.scope) ?? [], standing);
    if (scopes.length === 0) return INACTIVE;
    const { iss, sub, aud, client_id, exp, iat, jti, cnf, act, acr, auth_time } = claims;
    return {
      active: true,
      iss,
      sub,
      aud,
      client_id,
      scope: formatScope(scopes),
      exp,
      iat,
      jti,
      token_type: cnf ? 'DPoP' : 'Bearer',
      ...(cnf ? { cnf } : {}),
      ...(act ? { act } : {}),
      ...(acr === undefined ? {} : { acr }),
      ...(auth_time === undefined ? {} : { auth_time }),
    };
  }

  async #caller(request: AuthenticatedRequest): Promise<ResourceServer> {
    const { id, secret } = presentedCredentials(request);
    const server = clientId(id) && (await this.by.resources.findServer(id as ResourceServerId));
    const problem = server ? this.#problem(server, secret) : 'unknown_resource_server';
    // Whoever is refused here is told how to authenticate. @spec RFC 7662 §2.3
    if (!server || problem)
      throw new OAuthError('invalid_client', problem ?? 'unknown_resource_server', { status: 401 });
    const renewal = secret === undefined ? undefined : this.by.secrets.renewal(secret, server.secrets);
    // Whether or not it succeeds, the server is who it is: the next use tries again.
    if (renewal) await this.by.resources.renewServerSecret(server.id, renewal).catch(() => false);
    return server;
  }

  #problem(server: ResourceServer, secret: string | undefined): RefusalReason | undefined {
    if (secret === undefined || server.disabledAt) return 'unknown_resource_server';
    return this.by.secrets.match(secret, server.secrets, this.by.clock.now()) === 'match'
      ? undefined
      : 'wrong_resource_server_secret';
  }
}
