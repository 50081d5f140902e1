import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { Session } from './session.js';

export abstract class SessionStore {
  /** Stores the new session, ends the one it replaces (if any), and writes the audit event, in one transaction. */
  abstract start(session: Session, replaces: TokenHash | undefined, audit: AuditEvent): Promise<void>;
  /** Only a session that has not expired, of an account that is not disabled; with the name to show. */
  abstract find(
    id: TokenHash,
    now: Date,
  ): Promise<{ readonly session: Session; readonly displayName: string } | undefined>;
  /** False: unknown or already over. */
  abstract end(id: TokenHash, audit: AuditEvent): Promise<boolean>;
}
