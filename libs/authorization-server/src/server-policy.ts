/** Lifetimes and limits of the authorization server, in seconds and counts. Each default has its reason. */
export interface ServerPolicy {
  /** Short, for a client redeems at once. @spec OAuth 2.1 §4.1.2 (10 minutes at most) */
  readonly codeLifetime: number;
  /** A stolen access token cannot be called back everywhere at once. @spec MCP authorization, Token Theft */
  readonly accessTokenLifetime: number;
  /** A client that was not used for so long has to ask again. */
  readonly refreshIdleLifetime: number;
  /** After this a person must look at the consent again, however busy the client is. */
  readonly authorizationLifetime: number;
  /** Within it a client that lost the answer, or raced itself, gets the same successor again. */
  readonly refreshRetryWindow: number;
  /** Time to sign in and decide. */
  readonly interactionLifetime: number;
  /** Schemes beyond https and loopback http that redirect URIs may use. */
  readonly redirectSchemes: readonly string[];
}

export const DEFAULT_SERVER_POLICY: ServerPolicy = {
  codeLifetime: 60,
  accessTokenLifetime: 300,
  refreshIdleLifetime: 30 * 86_400,
  authorizationLifetime: 180 * 86_400,
  refreshRetryWindow: 30,
  interactionLifetime: 15 * 60,
  redirectSchemes: [],
};
