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
  /** Time for a client to send the browser after it has pushed its request. @spec RFC 9126 §2.2 (5 to 600 seconds) */
  readonly pushedRequestLifetime: number;
  /** Browsers bring no requests of their own: every client pushes. Off, for few MCP clients know how to. @spec RFC 9126 §5 */
  readonly requirePushedRequests: boolean;
  /**
   * Whether clients that register for it may ask a person through a code on another device. Off, for a code can be read out
   * to a person by anybody; no MCP client needs it. See docs/decisions/0011-device-authorization.md
   */
  readonly deviceAuthorization: boolean;
  /** Time to walk to a browser, sign in and type the code. @spec RFC 8628 §3.2 */
  readonly deviceCodeLifetime: number;
  /** Seconds between two polls of a device, to begin with. @spec RFC 8628 §3.2 */
  readonly devicePollInterval: number;
  /**
   * Who may register a client: anybody, holders of an initial access token, nobody. Open, for MCP clients come without
   * having been announced.
   */
  readonly registration: 'open' | 'token' | 'closed';
  /** Clients that never completed a flow: more than this, and the ones that waited longest go. See registration/quarantine. */
  readonly unusedClientBudget: number;
  /**
   * Whether a DPoP proof must carry a nonce of ours: then none can be made long before it is used, whatever the client's
   * clock says. It costs a client one more request, once. @spec RFC 9449 §8
   */
  readonly dpopNonces: boolean;
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
  pushedRequestLifetime: 60,
  requirePushedRequests: false,
  deviceAuthorization: false,
  deviceCodeLifetime: 600,
  devicePollInterval: 5,
  registration: 'open',
  unusedClientBudget: 10_000,
  dpopNonces: true,
  redirectSchemes: [],
};
