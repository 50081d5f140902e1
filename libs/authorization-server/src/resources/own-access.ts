import type { DpopProof } from '@gatehouse/dpop';
import { type AccountId, type ClientId, type Clock, OAuthError } from '@gatehouse/protocol';
import { parseScope, ScopeCatalogue } from '@gatehouse/scopes';
import { trustedFound } from '../access/trusted-standing.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { endOf } from '../authorizations/living.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import type { DpopProofs } from '../dpop/dpop-proofs.js';
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

/** b64token of RFC 6750 §2.1 and RFC 9449 §7.1; the scheme in any case. Four times what our own tokens need. */
const CREDENTIALS = /^(bearer|dpop) +([A-Za-z0-9._~+/-]{1,8192}=*)$/i;

/**
 * Lets access tokens of this issuer into its own resources, by the rules that hold at every other: signature, audience,
 * life, then whether all parties still stand and the scopes are still theirs. Nothing is remembered: who is disabled, or
 * loses a right, is out at the next request.
 * A token that is bound to a key needs a proof by that key, and the scheme that goes with it; no other token may come by
 * that scheme. The proof is spent last.
 * Costs one store call and one verification; one more of each with a proof.
 * @spec RFC 6750 §2.1, §3.1; RFC 9068 §4; RFC 9449 §7
 */
export class OwnAccess {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly trust: ClientTrustPolicy;
      readonly accessTokens: AccessTokenReader;
      readonly authorizations: AuthorizationStore;
      readonly proofs: DpopProofs;
    },
  ) {}

  /** @throws OAuthError invalid_token, invalid_dpop_proof, use_dpop_nonce (401), insufficient_scope (403), invalid_request */
  async admit(request: OwnAccessRequest): Promise<OwnPrincipal> {
    const { resource } = request;
    const { scheme, token } = presentedToken(request);
    const claims = await this.by.accessTokens.read(token);
    if (!claims) throw new OAuthError('invalid_token', 'malformed_access_token');
    if (claims.aud !== resource.identifier) throw new OAuthError('invalid_token', 'wrong_audience');
    const proof = await this.#proofOf(claims, scheme, token, request);

    const found = await this.by.authorizations.find(claims.grant_id);
    if (!found || found.authorization.resource !== resource.identifier)
      throw new OAuthError('invalid_token', 'access_token_revoked');
    const { authorization, standing } = trustedFound(found, this.by.trust);
    const end = endOf(found, { now: this.by.clock.now(), trust: this.by.trust });
    if (end) throw new OAuthError('invalid_token', end);

    const scopes = stillGranted(parseScope(claims.scope) ?? [], standing);
    if (new ScopeCatalogue(resource.scopes).missing(scopes, request.scopes).length > 0)
      throw new OAuthError('insufficient_scope', 'insufficient_scope');
    if (proof) await this.#spend(proof);
    const { clientId, accountId } = authorization;
    return {
      claims,
      clientId,
      ...(accountId === undefined ? {} : { accountId }),
      ...(standing.profile ? { profile: standing.profile } : {}),
      scopes,
    };
  }

  async #proofOf(
    { cnf }: AccessTokenClaims,
    scheme: 'bearer' | 'dpop',
    accessToken: string,
    { proofs, method, url }: OwnAccessRequest,
  ): Promise<DpopProof | undefined> {
    if (scheme === 'bearer') {
      // Whoever stole the token comes this way. @spec RFC 9449 §7.2
      if (cnf) throw new OAuthError('invalid_token', 'bound_token_as_bearer');
      return undefined;
    }
    if (!cnf) throw new OAuthError('invalid_token', 'unbound_token_with_proof');
    const proof = await unauthorized(this.by.proofs.verify({ proofs, method, url, accessToken }));
    if (proof.jkt !== cnf.jkt) throw new OAuthError('invalid_token', 'dpop_proof_other_key');
    return proof;
  }

  #spend(proof: DpopProof): Promise<void> {
    return unauthorized(this.by.proofs.spend(proof));
  }
}

/** At the token endpoint the same refusals are 400. @spec RFC 9449 §7.1, §9 */
function unauthorized<T>(attempt: Promise<T>): Promise<T> {
  return attempt.catch((cause: unknown) => {
    const isProof =
      cause instanceof OAuthError && (cause.code === 'invalid_dpop_proof' || cause.code === 'use_dpop_nonce');
    throw isProof ? new OAuthError(cause.code, cause.reason, { cause, status: 401 }) : cause;
  });
}

/** A token in the URL is in logs already: it counts as none. Another scheme is no token either. */
function presentedToken({ authorization, query }: OwnAccessRequest): {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
} {
  const inQuery = new URLSearchParams(query).has('access_token');
  if (authorization.length + Number(inQuery) > 1) throw new OAuthError('invalid_request', 'two_access_tokens');
  if (inQuery) throw new OAuthError('invalid_token', 'credentials_in_url');
  const header = authorization[0]?.trim();
  if (header === undefined || !/^(bearer|dpop)(?: |$)/i.test(header))
    throw new OAuthError('invalid_token', 'no_access_token');
  const [, scheme, token] = CREDENTIALS.exec(header) ?? [];
  if (scheme === undefined || token === undefined) throw new OAuthError('invalid_request', 'malformed_access_token');
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}
