/** One proof, in the words that make it one: nobody's `jti` is anybody else's. */
export interface UsedProof {
  /** Thumbprint of the key that made it. */
  readonly jkt: string;
  readonly jti: string;
  /** From then on it is refused for its age. Follows from what is signed, so the same proof always says the same. */
  readonly usableUntil: Date;
}

/**
 * Which proofs were used already. Whoever sees a request go by has a proof that holds, and for its few minutes this is all
 * that keeps it from being sent again.
 * @spec RFC 9449 §11.1
 */
export abstract class UsedProofs {
  /**
   * False: this proof was used before. Of uses at once exactly one is the first.
   * @throws OAuthError temporarily_unavailable when that cannot be known. Never a yes by default.
   */
  abstract use(proof: UsedProof): Promise<boolean>;
}
