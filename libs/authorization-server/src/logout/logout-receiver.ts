export type LogoutDelivery =
  | 'delivered'
  /** It answered that it could not. */
  | 'refused'
  | 'unreachable'
  /** It was not tried: too much is under way there, or it failed a moment ago. */
  | 'not_now';

/** The client's own endpoint for logout tokens. */
export abstract class LogoutReceiver {
  /** Never throws. @spec OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8 */
  abstract deliver(uri: string, logoutToken: string): Promise<LogoutDelivery>;
}
