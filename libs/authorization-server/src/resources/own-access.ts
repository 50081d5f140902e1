import { type AccountId, type ClientId, type Clock, OAuthError } from '@gatehouse/protocol';
import { parseScope, ScopeCatalogue } from '@gatehouse/scopes';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { standingProblem } from '../authorizations/standing.js';
import { stillGranted } from '../openid/identity-scopes.js';
import type { Profile } from '../openid/profile.js';
import type { AccessTokenClaims, AccessTokenReader } from '../tokens/access-token.js';
import type { ProtectedResource } from './protected-resource.js';

/** A request to a resource of this server, as it came in. */
export interface OwnAccessRequest {
  /** Every Authorization header line: a parser that keeps one of two hides the other. */
  readonly authorization: readonly string[];
  /** The raw query, without the question mark. */
  readonly query: string;
  readonly method: string;
  /** The configured URL of what is asked for, without query. */
  readonly url: string;
  /** Every DPoP header line. */
  readonly proofs: readonly string[];
  readonly resource: ProtectedResource;
  /** All that the operation needs. */
  readonly scopes: readonly string[];
}

/** Who is calling: a person through a client, or a client for itself. */
export interface OwnPrincipal {
  readonly claims: AccessTokenClaims;
  /** Absent: the client acts for itself. */
  readonly accountId?: AccountId;
  readonly clientId: ClientId;
  /** What may be told of the account, as far as the scopes say. */
  readonly profile?: Profile;
  /** What of the token's scopes is still the person's, or the client's, to use. */
  readonly scopes: readonly string[];
}

/** b64token of RFC 6750 §2.1; the scheme in any case. Four times what our own tokens need. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]{1,8192}=*)$/i;

/**
 * Lets access tokens of this issuer into its own resources, by the rules that hold at every other: signature, audience,
 * life, then whether all parties still stand and the scopes are still theirs. Nothing is remembered: who is disabled, or
 * loses a right, is out at the next request.
 * Costs one store call and one verification.
 * @spec RFC 6750 §2.1, §3.1; RFC 9068 §4
 */
export class OwnAccess {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly accessTokens: AccessTokenReader;
      readonly authorizations: AuthorizationStore;
    },
  ) {}

  /** @throws OAuthError invalid_token (401), insufficient_scope (403), invalid_request */
  async admit(request: OwnAccessRequest): Promise<OwnPrincipal> {
    const { resource } = request;
    const claims = await this.by.accessTokens.read(presentedToken(request));
    if (!claims) throw new OAuthError('invalid_token', 'malformed_access_token');
    if (claims.aud !== resource.identifier) throw new OAuthError('invalid_token', 'wrong_audience');

    const found = await this.by.authorizations.find(claims.grant_id);
    if (!found || found.authorization.revoked) throw new OAuthError('invalid_token', 'access_token_revoked');
    const { authorization, standing } = found;
    if (this.by.clock.now() >= authorization.expiresAt) throw new OAuthError('invalid_token', 'authorization_expired');
    const problem = standingProblem(standing);
    if (problem) throw new OAuthError('invalid_token', problem);

    const scopes = stillGranted(parseScope(claims.scope) ?? [], standing);
    if (new ScopeCatalogue(resource.scopes).missing(scopes, request.scopes).length > 0)
      throw new OAuthError('insufficient_scope', 'insufficient_scope');
    const { clientId, accountId } = authorization;
    return {
      claims,
      clientId,
      ...(accountId === undefined ? {} : { accountId }),
      ...(standing.profile ? { profile: standing.profile } : {}),
      scopes,
    };
  }
}

/** A token in the URL is in logs already: it counts as none. Another scheme is no token either. */
function presentedToken({ authorization, query }: OwnAccessRequest): string {
  const inQuery = new URLSearchParams(query).has('access_token');
  if (authorization.length + Number(inQuery) > 1) throw new OAuthError('invalid_request', 'two_access_tokens');
  if (inQuery) throw new OAuthError('invalid_token', 'credentials_in_url');
  const header = authorization[0]?.trim();
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) throw new OAuthError('invalid_token', 'no_access_token');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new OAuthError('invalid_request', 'malformed_access_token');
  return token;
}
