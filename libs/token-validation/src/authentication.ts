import { OAuthError, type ResourceIdentifier } from '@gatehouse/protocol';
import type { ProofOfPossession } from './binding/proof-of-possession.js';
import type { TokenLiveness } from './liveness/token-liveness.js';
import { type PresentedCredentials, presentedToken } from './presented/presented-token.js';
import type { Principal } from './principal.js';
import type { AccessTokenValidator } from './tokens/access-token-validator.js';

/**
 * The one way in: a token in the right place, verified for this resource, shown by whoever holds its key if it is bound to one,
 * and still wanted. The issuer is asked late, and about nothing that would be refused anyway; a proof is spent last.
 */
export class AccessAuthentication {
  constructor(
    private readonly validator: AccessTokenValidator,
    private readonly liveness: TokenLiveness,
    private readonly possession: ProofOfPossession,
  ) {}

  /**
   * The proof has to name the URL of the request, which is the resource's identifier: there is one endpoint a resource.
   * @throws OAuthError invalid_token, invalid_dpop_proof, use_dpop_nonce, invalid_request, temporarily_unavailable
   */
  async authenticate(request: PresentedCredentials, resource: ResourceIdentifier): Promise<Principal> {
    const presented = presentedToken(request);
    const principal = await this.validator.validate(presented.token, resource);
    const { boundTo } = principal;
    const proof = await this.possession.check(presented, { boundTo, request, url: resource });
    const live = await this.liveness.ask(presented.token);
    if (!live) throw new OAuthError('invalid_token', 'access_token_revoked');
    // What the issuer says of a binding counts as much as what it signed; of two that differ nobody holds both keys.
    if (live.boundTo !== undefined && live.boundTo !== proof?.jkt)
      throw new OAuthError('invalid_token', 'dpop_proof_other_key');
    if (proof) await this.possession.spend(proof);
    return principal;
  }

  /** See ProofOfPossession. */
  currentNonce(): string | undefined {
    return this.possession.currentNonce();
  }
}
