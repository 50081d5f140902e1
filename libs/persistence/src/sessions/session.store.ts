import { type AuditEvent } from '@gatehouse/audit';
import { type Session, SessionStore } from '@gatehouse/identity';
import { type AccountId, type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const START = `
  WITH ended AS (
    DELETE FROM sessions WHERE id = $8
  ), started AS (
    INSERT INTO sessions (id, account_id, authenticated_at, expires_at, sid, acr, amr)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    RETURNING true
  ), recorded AS (${insertAuditEvent('started', 9)})
  SELECT true FROM started`;

const FIND = `
  SELECT session.account_id, session.authenticated_at, session.expires_at, session.sid, session.acr, session.amr,
         account.display_name
    FROM sessions session
    JOIN accounts account ON account.id = session.account_id AND account.disabled_at IS NULL
   WHERE session.id = $1 AND session.expires_at > $2`;

const END = `
  WITH ended AS (
    DELETE FROM sessions WHERE id = $1 AND expires_at > $2 RETURNING true
  ), recorded AS (${insertAuditEvent('ended', 3)})
  SELECT true FROM ended`;

interface SessionRecord {
  readonly account_id: AccountId;
  readonly authenticated_at: Date;
  readonly expires_at: Date;
  readonly sid: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly display_name: string;
}

export class PgSessionStore extends SessionStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async start(session: Session, replaces: TokenHash | undefined, audit: AuditEvent): Promise<void> {
    await this.database.query(START, [
      toBytes(session.id),
      session.accountId,
      session.authenticatedAt,
      session.expiresAt,
      session.sid,
      session.acr,
      session.amr,
      replaces && toBytes(replaces),
      ...auditValues(audit),
    ]);
  }

  override async find(
    id: TokenHash,
    now: Date,
  ): Promise<{ readonly session: Session; readonly displayName: string } | undefined> {
    const [record] = await this.database.query<SessionRecord>(FIND, [toBytes(id), now]);
    return (
      record && {
        session: {
          id,
          accountId: record.account_id,
          authenticatedAt: record.authenticated_at,
          expiresAt: record.expires_at,
          sid: record.sid,
          acr: record.acr,
          amr: record.amr,
        },
        displayName: record.display_name,
      }
    );
  }

  override async end(id: TokenHash, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(END, [toBytes(id), audit.at, ...auditValues(audit)]);
  }
}
