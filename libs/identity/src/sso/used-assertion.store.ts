/** Remembers over all replicas which assertions of identity providers were used. @spec SAML 2.0 Profiles §4.1.4.5 */
export abstract class UsedAssertionStore {
  /**
   * True for the one caller who is first to use the assertion of this issuer; one conditional write, so that of any number of
   * parallel uses one wins. It is remembered at least until `expiresAt`.
   */
  abstract use(issuer: string, assertionId: string, expiresAt: Date): Promise<boolean>;
}
