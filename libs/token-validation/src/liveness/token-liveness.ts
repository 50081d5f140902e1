/** What the issuer says of a token that is still wanted. */
export interface LiveToken {
  /** Thumbprint of the key that it is bound to, if the issuer says so. @spec RFC 9449 §6.2 */
  readonly boundTo?: string;
}

/**
 * Is a token that verifies still wanted? Its authorization may have been revoked, its account or client disabled.
 * @spec RFC 7662 §2
 */
export abstract class TokenLiveness {
  /**
   * Undefined: the issuer says no.
   * @throws OAuthError temporarily_unavailable (issuer_unavailable) when it cannot be asked. Never a yes by default.
   */
  abstract ask(token: string): Promise<LiveToken | undefined>;
}

/** For a resource server without credentials at the issuer: it relies on the short life of the tokens. */
export class UncheckedLiveness extends TokenLiveness {
  override ask(): Promise<LiveToken> {
    return Promise.resolve({});
  }
}
