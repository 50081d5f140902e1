/** Remembers which DPoP proofs were shown, over all replicas. @spec RFC 9449 §11.1 */
export abstract class ProofReplayStore {
  /**
   * True for the one caller who is first to show the `jti` of this key; one conditional write, so that of any number of
   * parallel uses one wins. It is remembered at least until `expiresAt`.
   */
  abstract use(jkt: string, jti: string, expiresAt: Date): Promise<boolean>;
}
