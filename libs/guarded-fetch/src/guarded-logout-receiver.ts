import { type LogoutDelivery, LogoutReceiver } from '@gatehouse/authorization-server';
import type { GuardedFetch } from './guarded-fetch.js';

/** Nothing of the answer is read but its status. */
const MAX_BYTES = 8 * 1024;

/** Logout tokens to the clients' own endpoints. A redirect is not followed: it is no address that the client registered. */
export class GuardedLogoutReceiver extends LogoutReceiver {
  constructor(private readonly fetch: GuardedFetch) {
    super();
  }

  override async deliver(uri: string, logoutToken: string): Promise<LogoutDelivery> {
    const answer = await this.fetch.post(
      uri,
      { logout_token: logoutToken },
      { accept: 'application/json', maxBytes: MAX_BYTES },
    );
    // 204 is what some frameworks make of an empty 200. @spec OpenID Connect Back-Channel Logout 1.0 §2.8
    if (answer.kind === 'answer') return answer.status === 200 || answer.status === 204 ? 'delivered' : 'refused';
    return answer.problem === 'busy' || answer.problem === 'paused' ? 'not_now' : 'unreachable';
  }
}
