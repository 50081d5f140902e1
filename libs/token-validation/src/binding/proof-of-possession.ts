/**
 * Tokens that are bound to a key (`cnf.jkt`): worth nothing to whoever only holds the token. A bound token needs a proof by
 * that key with each request, whatever is remembered of the token; an unbound one must not pose as bound, or the name
 * of the scheme would promise what nobody has checked.
 * @spec RFC 9449 §7
 */
import { type DpopNonces, DpopProblem, type DpopProof, verifyDpopProof } from '@gatehouse/dpop';
import { type Clock, OAuthError } from '@gatehouse/protocol';
import type { PresentedCredentials, PresentedToken } from '../presented/presented-token.js';
import type { UsedProofs } from './used-proofs.js';

export interface PossessionPolicy {
  /** Present: a proof must carry one of these, so that none can be made for later. */
  readonly nonces?: DpopNonces | undefined;
  /** No token without a binding opens anything. */
  readonly required?: boolean | undefined;
}

export class ProofOfPossession {
  constructor(
    private readonly used: UsedProofs,
    private readonly clock: Clock,
    private readonly policy: PossessionPolicy = {},
  ) {}

  /** For the DPoP-Nonce header of answers to whoever uses the scheme. Undefined: none is asked for. @spec RFC 9449 §9 */
  currentNonce(): string | undefined {
    return this.policy.nonces?.current();
  }

  /**
   * Does the request show what the binding of its token demands? The proof that was shown is not used up yet: that is the
   * last step, `spend`, for a request that fails in between may be sent again.
   * @param boundTo thumbprint of the key that the verified token is bound to
   * @returns undefined for an unbound token, which needs none
   * @throws OAuthError invalid_token, invalid_dpop_proof, use_dpop_nonce; all 401
   */
  async check(
    { scheme, token }: PresentedToken,
    { boundTo, request, url }: { boundTo: string | undefined; request: PresentedCredentials; url: string },
  ): Promise<DpopProof | undefined> {
    if (scheme === 'Bearer') {
      // Whoever stole the token comes this way. @spec RFC 9449 §7.2
      if (boundTo !== undefined) throw new OAuthError('invalid_token', 'bound_token_as_bearer');
      if (this.policy.required === true) throw new OAuthError('invalid_token', 'unbound_token');
      return undefined;
    }
    if (boundTo === undefined) throw new OAuthError('invalid_token', 'unbound_token_with_proof');
    const proof = await this.#verified({ token, request, url });
    if (proof.jkt !== boundTo) throw new OAuthError('invalid_token', 'dpop_proof_other_key');
    return proof;
  }

  /** @throws OAuthError invalid_dpop_proof (dpop_proof_replayed), or what UsedProofs throws */
  async spend(proof: DpopProof): Promise<void> {
    if (!(await this.used.use(proof)))
      throw new OAuthError('invalid_dpop_proof', 'dpop_proof_replayed', { status: UNAUTHORIZED });
  }

  async #verified({
    token,
    request,
    url,
  }: {
    token: string;
    request: PresentedCredentials;
    url: string;
  }): Promise<DpopProof> {
    const { nonces } = this.policy;
    try {
      return await verifyDpopProof({
        proofs: request.proofs ?? [],
        method: request.method,
        url,
        now: this.clock.now(),
        accessToken: token,
        ...(nonces ? { nonces } : {}),
      });
    } catch (cause) {
      if (!(cause instanceof DpopProblem)) throw cause;
      throw new OAuthError(cause.code, cause.reason, { cause, status: UNAUTHORIZED });
    }
  }
}

/** The codes are the token endpoint's too, where they are 400. @spec RFC 9449 §7.1, §9 */
const UNAUTHORIZED = 401;
