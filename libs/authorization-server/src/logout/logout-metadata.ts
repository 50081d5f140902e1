import { PROMPTS } from '../authorize/requested-sign-in.js';

/** @spec OpenID Connect RP-Initiated Logout 1.0 §2.1; OpenID Connect Back-Channel Logout 1.0 §2.1 */
export interface LogoutServerMetadata {
  readonly end_session_endpoint?: string;
  readonly backchannel_logout_supported?: true;
  /** Every logout token names the session. */
  readonly backchannel_logout_session_supported?: true;
  /** @spec Initiating User Registration via OpenID Connect 1.0 §4.2 */
  readonly prompt_values_supported: readonly string[];
}

/** @param identity whether there are ID tokens: without them nobody can say whose session is meant, and nobody is told */
export function logoutServerMetadata(base: string, identity: boolean): LogoutServerMetadata {
  return {
    ...(identity
      ? {
          end_session_endpoint: `${base}/logout`,
          backchannel_logout_supported: true,
          backchannel_logout_session_supported: true,
        }
      : {}),
    prompt_values_supported: PROMPTS,
  };
}
