import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, TokenHash } from '@gatehouse/protocol';
import type { AccountStore } from '../accounts/account.store.js';
import type { Session, ShownSession } from '../sessions/session.js';
import { SessionStore } from '../sessions/session.store.js';

export class MemorySessionStore extends SessionStore {
  readonly audit: AuditEvent[] = [];
  readonly #accounts: AccountStore;
  readonly #sessions = new Map<TokenHash, Session>();

  constructor(accounts: AccountStore) {
    super();
    this.#accounts = accounts;
  }

  override async start(session: Session, replaces: TokenHash | undefined, audit: AuditEvent): Promise<string> {
    const replaced = replaces === undefined ? undefined : this.#sessions.get(replaces);
    if (replaces !== undefined) this.#sessions.delete(replaces);
    const same = replaced?.accountId === session.accountId && replaced.expiresAt > audit.at;
    const sid = same ? replaced.sid : session.sid;
    this.#sessions.set(session.id, { ...session, sid });
    this.audit.push(audit);
    return sid;
  }

  override async find(id: TokenHash, now: Date): Promise<{ session: Session; displayName: string } | undefined> {
    const session = this.#sessions.get(id);
    if (!session || session.expiresAt <= now) return undefined;
    const account = await this.#accounts.find(session.accountId);
    return account && !account.disabledAt ? { session, displayName: account.displayName } : undefined;
  }

  override async end(id: TokenHash, audit: AuditEvent): Promise<boolean> {
    if (!this.#sessions.delete(id)) return false;
    this.audit.push(audit);
    return true;
  }

  override async list(accountId: AccountId, now: Date): Promise<readonly ShownSession[]> {
    return [...this.#sessions.values()]
      .filter((session) => session.accountId === accountId && session.expiresAt > now)
      .sort((a, b) => b.authenticatedAt.getTime() - a.authenticatedAt.getTime())
      .map(({ id: _, ...shown }) => shown);
  }

  override async endOf(
    accountId: AccountId,
    which: { readonly only: string } | { readonly allBut: string },
    audit: AuditEvent,
  ): Promise<number> {
    const ended = [...this.#sessions.values()].filter(
      (session) =>
        session.accountId === accountId &&
        session.expiresAt > audit.at &&
        ('only' in which ? session.sid === which.only : session.sid !== which.allBut),
    );
    for (const { id } of ended) {
      this.#sessions.delete(id);
      this.audit.push(audit);
    }
    return ended.length;
  }
}
