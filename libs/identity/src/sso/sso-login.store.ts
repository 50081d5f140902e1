import type { TokenHash } from '@gatehouse/protocol';
import type { ProviderId } from './identity-provider.js';

/** A browser that was sent to a provider and has not come back yet. */
export interface SsoLogin {
  /** Hash of the state that the browser carries. */
  readonly state: TokenHash;
  /** Hash of the browser cookie that it was begun with. */
  readonly browser: TokenHash;
  readonly providerId: ProviderId;
  /** Which interaction it is for, and what the connector has to remember. */
  readonly sealed: string;
  readonly expiresAt: Date;
}

export abstract class SsoLoginStore {
  abstract begin(login: SsoLogin): Promise<void>;
  /**
   * Uses the login up, if it is of this provider and this browser and not over. Of parallel calls one gets it. Whoever has a state
   * without the browser it was made for changes nothing.
   */
  abstract take(state: TokenHash, browser: TokenHash, providerId: ProviderId, now: Date): Promise<SsoLogin | undefined>;
  /** For an answer that comes without cookies: reads, and uses nothing up. */
  abstract peek(state: TokenHash, providerId: ProviderId, now: Date): Promise<SsoLogin | undefined>;
  /** Such an answer was good: what came of it waits under a ticket for the browser. Of parallel calls one returns true. */
  abstract arrived(
    state: TokenHash,
    providerId: ProviderId,
    ticket: TokenHash,
    outcome: string,
    now: Date,
  ): Promise<boolean>;
  /** The browser with the ticket: only the one that the login was begun in. Of parallel calls one gets it. */
  abstract redeem(
    ticket: TokenHash,
    browser: TokenHash,
    now: Date,
  ): Promise<(SsoLogin & { readonly outcome: string }) | undefined>;
}
