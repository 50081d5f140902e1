import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import type { Account } from './account.js';
import type { Email } from './email.js';

export abstract class AccountStore {
  /** `username` as normalised by `normaliseUsername`. Disabled accounts are returned too. */
  abstract findByUsername(username: string): Promise<Account | undefined>;
  abstract find(id: AccountId): Promise<Account | undefined>;
  /** False: the username is taken. */
  abstract create(account: Account, audit: AuditEvent): Promise<boolean>;
  /**
   * With `instead`, only while that hash is still the stored one, in one conditional statement: a hash renewed at sign-in
   * must not undo a password changed meanwhile. False: nothing was changed.
   */
  abstract setPassword(id: AccountId, passwordHash: string, instead?: string): Promise<boolean>;
  /** Whether it may sign in by password whatever the others may. False: unknown, as it stands already, or linked to a provider. */
  abstract setBreakGlass(id: AccountId, breakGlass: boolean, audit: AuditEvent): Promise<boolean>;
  /** Sets or takes away the address, with its audit event. False: there is no such account, or it stands like that already. */
  abstract setEmail(id: AccountId, email: Email | undefined, audit: AuditEvent): Promise<boolean>;
}
