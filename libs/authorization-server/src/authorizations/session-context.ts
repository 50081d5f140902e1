/** The session in which a person approved, as tokens tell of it. @spec OpenID Connect Core §2; OpenID Connect Back-Channel Logout 1.0 §2.1 */
export interface SessionContext {
  /** Public name of the browser session: says which one is meant, and opens nothing. */
  readonly sid: string;
  readonly acr: string;
  readonly amr: readonly string[];
}

/** Of somebody who is known by more than that. */
export function sessionContext({ sid, acr, amr }: SessionContext): SessionContext {
  return { sid, acr, amr };
}
