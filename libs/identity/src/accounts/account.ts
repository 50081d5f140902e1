import type { AccountId } from '@gatehouse/protocol';

/** Our record of a person. */
export interface Account {
  readonly id: AccountId;
  /** What the person types; compared in lower case, NFKC. */
  readonly username: string;
  readonly displayName: string;
  /** argon2id in PHC string format; absent when the account signs in elsewhere. */
  readonly passwordHash?: string;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
}
