/**
 * DPoP at the endpoints where a client asks for something: which proof it shows, and that it shows it once. What the key
 * is good for stands where things are bound to it: key-binding.ts for grants, requested-key.ts for codes, OwnAccess for
 * the server's own resources.
 */
import { DpopProblem, type DpopNonces, type DpopProof, verifyDpopProof } from '@gatehouse/dpop';
import { type Clock, OAuthError } from '@gatehouse/protocol';
import type { ProofReplayStore } from './proof-replay.store.js';

export class DpopProofs {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly clock: Clock;
      readonly replays: ProofReplayStore;
      /** Absent: proofs need no nonce. */
      readonly nonces?: DpopNonces;
    },
  ) {}

  /**
   * The proof in a POST to one of our endpoints; undefined: there is none, and the request is one for Bearer tokens.
   * Nothing is remembered yet, so a client that is sent away for a nonce has lost nothing.
   * @param path of the endpoint, after the issuer
   * @throws OAuthError invalid_dpop_proof, use_dpop_nonce
   */
  async shown(proofs: readonly string[] | undefined, path: `/${string}`): Promise<DpopProof | undefined> {
    if (proofs === undefined || proofs.length === 0) return undefined;
    const url = this.by.issuer.replace(/\/$/, '') + path;
    return this.verify({ proofs, method: 'POST', url });
  }

  /** @throws OAuthError invalid_dpop_proof, use_dpop_nonce */
  async verify(request: {
    readonly proofs: readonly string[];
    readonly method: string;
    /** The configured one, without query. */
    readonly url: string;
    readonly accessToken?: string;
  }): Promise<DpopProof> {
    const { clock, nonces } = this.by;
    try {
      return await verifyDpopProof({ ...request, now: clock.now(), ...(nonces ? { nonces } : {}) });
    } catch (cause) {
      if (cause instanceof DpopProblem) throw new OAuthError(cause.code, cause.reason, { cause });
      throw cause;
    }
  }

  /**
   * One store call. After it the proof is of no use to anybody any more.
   * @throws OAuthError invalid_dpop_proof when it was shown before, here or to another replica
   */
  async spend({ jkt, jti, usableUntil }: DpopProof): Promise<void> {
    if (!(await this.by.replays.use(jkt, jti, usableUntil)))
      throw new OAuthError('invalid_dpop_proof', 'dpop_proof_replayed');
  }

  /** For the next proof; undefined where none is asked for. */
  nextNonce(): string | undefined {
    return this.by.nonces?.current();
  }
}
