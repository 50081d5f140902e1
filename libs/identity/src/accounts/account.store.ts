import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import type { Account } from './account.js';

export abstract class AccountStore {
  /** `username` as normalised by `normaliseUsername`. Disabled accounts are returned too. */
  abstract findByUsername(username: string): Promise<Account | undefined>;
  abstract find(id: AccountId): Promise<Account | undefined>;
  /** False: the username is taken. */
  abstract create(account: Account, audit: AuditEvent): Promise<boolean>;
  abstract setPassword(id: AccountId, passwordHash: string): Promise<void>;
}
