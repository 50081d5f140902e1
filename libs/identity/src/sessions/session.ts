import type { AccountId, TokenHash } from '@gatehouse/protocol';

/** A browser that a person signed in with. A new id at every sign-in: an id planted before is worth nothing after. */
export interface Session {
  readonly id: TokenHash;
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  /** Absolute end. */
  readonly expiresAt: Date;
}

/** A signed-in person as a page may know them. */
export interface Person {
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  readonly displayName: string;
}
