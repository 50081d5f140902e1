import type { AccountId } from '@gatehouse/protocol';
import type { Email } from './email.js';

/** Our record of a person. */
export interface Account {
  readonly id: AccountId;
  /** What the person types; compared in lower case, NFKC. */
  readonly username: string;
  readonly displayName: string;
  /** Told to clients that the person agreed to tell; nothing here is sent to it. */
  readonly email?: Email;
  /** argon2id in PHC string format; absent when the account signs in elsewhere. */
  readonly passwordHash?: string;
  /** Signs in with a password even where only identity providers let people in. Never linked to one. */
  readonly breakGlass?: true;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
}
