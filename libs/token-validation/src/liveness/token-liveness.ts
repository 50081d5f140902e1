/**
 * Is a token that verifies still wanted? Its authorization may have been revoked, its account or client disabled.
 * @spec RFC 7662 §2
 */
export abstract class TokenLiveness {
  /**
   * False: the issuer says no.
   * @throws OAuthError temporarily_unavailable (issuer_unavailable) when it cannot be asked. Never a yes by default.
   */
  abstract isLive(token: string): Promise<boolean>;
}

/** For a resource server without credentials at the issuer: it relies on the short life of the tokens. */
export class UncheckedLiveness extends TokenLiveness {
  override isLive(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
