import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../accounts/account.js';
import type { Email } from '../accounts/email.js';
import { AccountStore } from '../accounts/account.store.js';

export class MemoryAccountStore extends AccountStore {
  readonly audit: AuditEvent[] = [];
  /** Accounts that an identity provider may speak for. */
  readonly linked = new Set<AccountId>();
  readonly #accounts = new Map<AccountId, Account>();

  override async findByUsername(username: string): Promise<Account | undefined> {
    return [...this.#accounts.values()].find((account) => account.username === username);
  }

  override async find(id: AccountId): Promise<Account | undefined> {
    return this.#accounts.get(id);
  }

  override async create(account: Account, audit: AuditEvent): Promise<boolean> {
    if ([...this.#accounts.values()].some(({ username }) => username === account.username)) return false;
    this.#accounts.set(account.id, account);
    this.audit.push(audit);
    return true;
  }

  override async setPassword(id: AccountId, passwordHash: string, instead?: string): Promise<boolean> {
    const account = this.#accounts.get(id);
    if (!account || (instead !== undefined && account.passwordHash !== instead)) return false;
    this.#accounts.set(id, { ...account, passwordHash });
    return true;
  }

  override async setEmail(id: AccountId, email: Email | undefined, audit: AuditEvent): Promise<boolean> {
    const account = this.#accounts.get(id);
    if (!account || isDeepStrictEqual(account.email, email)) return false;
    const { email: _, ...rest } = account;
    this.#accounts.set(id, { ...rest, ...(email ? { email } : {}) });
    this.audit.push(audit);
    return true;
  }

  override async setBreakGlass(id: AccountId, breakGlass: boolean, audit: AuditEvent): Promise<boolean> {
    const account = this.#accounts.get(id);
    if (!account || (account.breakGlass ?? false) === breakGlass || (breakGlass && this.linked.has(id))) return false;
    const { breakGlass: _, ...rest } = account;
    this.#accounts.set(id, { ...rest, ...(breakGlass ? { breakGlass } : {}) });
    this.audit.push(audit);
    return true;
  }

  /** By a verified address, in whatever case. */
  withVerifiedEmail(address: string): readonly Account[] {
    return [...this.#accounts.values()].filter(
      ({ email }) => email?.verified === true && email.address.toLowerCase() === address.toLowerCase(),
    );
  }

  rename(id: AccountId, displayName: string): void {
    const account = this.#accounts.get(id);
    if (account) this.#accounts.set(id, { ...account, displayName });
  }

  disable(id: AccountId, at: Date): void {
    const account = this.#accounts.get(id);
    if (account) this.#accounts.set(id, { ...account, disabledAt: at });
  }
}
