import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, TokenHash } from '@gatehouse/protocol';
import type { Session, ShownSession } from './session.js';

export abstract class SessionStore {
  /**
   * Stores the new session, ends the one it replaces (if any), and writes the audit event, in one transaction. Who signs
   * in again goes on under the name that clients know: if the replaced session lived and was of the same account, its
   * `sid` is kept, and returned. Clients of any other session that is replaced are told, as by `end`.
   */
  abstract start(session: Session, replaces: TokenHash | undefined, audit: AuditEvent): Promise<string>;
  /** Only a session that has not expired, of an account that is not disabled; with the name to show. */
  abstract find(
    id: TokenHash,
    now: Date,
  ): Promise<{ readonly session: Session; readonly displayName: string } | undefined>;
  /** In the same transaction it is kept that its clients are to be told. False: unknown or already over. */
  abstract end(id: TokenHash, audit: AuditEvent): Promise<boolean>;
  /** Those that have not expired, newest first. */
  abstract list(accountId: AccountId, now: Date): Promise<readonly ShownSession[]>;
  /** One of the account's, by the name that clients know, or all but that one. Ends them as `end` does; returns how many. */
  abstract endOf(
    accountId: AccountId,
    which: { readonly only: string } | { readonly allBut: string },
    audit: AuditEvent,
  ): Promise<number>;
}
