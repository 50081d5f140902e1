import type { AccountId, TokenHash } from '@gatehouse/protocol';

/** Where a sign-in stands: one journey, or the account pages, in one browser. */
export interface Place {
  readonly place: TokenHash;
  /** Hash of the browser cookie. */
  readonly browser: TokenHash;
}

/** A sign-in between its steps. It opens nothing: there is no session, and no other browser can go on with it. */
export interface PendingSignIn extends Place {
  /** Whose password was right; absent while a passkey is to say who it is. */
  readonly accountId?: AccountId;
  /** What a passkey signs: worth something once, for it goes with this record. */
  readonly challenge: string;
  readonly expiresAt: Date;
}

export abstract class PendingSignInStore {
  /** Takes the place of another one at the same place. */
  abstract begin(pending: PendingSignIn): Promise<void>;
  /** Only one that has not expired, of an account that is not disabled. */
  abstract find(at: Place, now: Date): Promise<PendingSignIn | undefined>;
  /** Ends this very one (same challenge), in one statement. Of parallel calls one returns true. */
  abstract take(pending: PendingSignIn, now: Date): Promise<boolean>;
}
