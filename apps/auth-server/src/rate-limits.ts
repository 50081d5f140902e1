import { RateLimits } from '@gatehouse/server-kit';
import type { Config } from './config.js';

/** What is limited at which endpoint. Sign-in has limits of its own, by account: identity applies them. */
export class ServerRateLimits extends RateLimits {
  override readonly requests: RateLimits['requests'];
  override readonly failures: RateLimits['failures'];
  override readonly successes: RateLimits['successes'];

  constructor(config: Config) {
    super();
    this.requests = {
      // Each looks a client up for somebody who need not have one.
      'client-configuration': config.REGISTRATION_LIMIT_PER_NETWORK,
      admin: config.ADMIN_LIMIT_PER_NETWORK,
      authorize: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      par: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      'device-authorization': config.AUTHORIZATION_LIMIT_PER_NETWORK,
      device: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      logout: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      account: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      'second-factor': config.AUTHORIZATION_LIMIT_PER_NETWORK,
      sso: config.AUTHORIZATION_LIMIT_PER_NETWORK,
      'sso-callback': config.AUTHORIZATION_LIMIT_PER_NETWORK,
    };
    this.failures = {
      token: config.TOKEN_FAILURE_LIMIT,
      register: config.TOKEN_FAILURE_LIMIT,
      'client-configuration': config.TOKEN_FAILURE_LIMIT,
      par: config.TOKEN_FAILURE_LIMIT,
      'device-authorization': config.TOKEN_FAILURE_LIMIT,
      revoke: config.TOKEN_FAILURE_LIMIT,
      introspect: config.TOKEN_FAILURE_LIMIT,
    };
    this.successes = { token: config.TOKEN_LIMIT };
  }
}
