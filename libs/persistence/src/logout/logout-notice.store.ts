import { type AuditEvent } from '@gatehouse/audit';
import { type LogoutClaim, type LogoutNotice, LogoutNoticeStore } from '@gatehouse/authorization-server';
import { type AccountId, type ClientId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';

/**
 * Part of a statement: for each session of `ended` (sid, account_id) one notice for each client that got an ID token in it and
 * wants to be told. `at` is the parameter with the time. What is stored with the end of the session cannot be lost between
 * the two.
 */
export function insertLogoutNotices(ended: string, at: string): string {
  return `
    INSERT INTO logout_notices (id, client_id, account_id, sid, ended_at, due_at)
    SELECT gen_random_uuid(), told.client_id, told.account_id, told.sid, ${at}::timestamptz, ${at}::timestamptz
      FROM (SELECT DISTINCT client.id AS client_id, session.account_id, session.sid
              FROM ${ended} session
              JOIN authorizations token ON token.sid = session.sid AND 'openid' = ANY (token.scopes)
              JOIN clients client ON client.id = token.client_id
             WHERE client.backchannel_logout_uri IS NOT NULL AND client.disabled_at IS NULL) told`;
}

/** So many of the longest due are looked at to find the ones of which enough can be taken. */
const LOOKED_AT = 1000;

/** A row that another claim has taken since it was looked at is due later than now: the lock sees it as it is. */
const CLAIM = `
  WITH due AS (
    SELECT id, due_at, row_number() OVER (PARTITION BY client_id ORDER BY due_at) AS place
      FROM (SELECT id, client_id, due_at FROM logout_notices
             WHERE due_at <= $1 AND client_id <> ALL ($5::text[]) ORDER BY due_at LIMIT ${LOOKED_AT}) longest
  ), taken AS (
    SELECT notice.id FROM logout_notices notice JOIN due ON due.id = notice.id
     WHERE due.place <= $4 AND notice.due_at <= $1
     ORDER BY due.due_at LIMIT $3 FOR UPDATE OF notice SKIP LOCKED
  ), claimed AS (
    UPDATE logout_notices notice SET attempts = notice.attempts + 1, due_at = $2
      FROM taken WHERE notice.id = taken.id
    RETURNING notice.id, notice.client_id, notice.account_id, notice.sid, notice.ended_at, notice.attempts
  )
  SELECT claimed.*, client.backchannel_logout_uri AS receiver
    FROM claimed JOIN due ON due.id = claimed.id
    LEFT JOIN clients client ON client.id = claimed.client_id AND client.disabled_at IS NULL
   ORDER BY due.due_at`;

const SETTLE = `
  WITH settled AS (
    DELETE FROM logout_notices WHERE id = $1 RETURNING true
  ), recorded AS (${insertAuditEvent('settled', 2)})
  SELECT true FROM settled`;

const POSTPONE = `
  WITH postponed AS (
    UPDATE logout_notices SET due_at = $3, attempts = $4 WHERE id = $1 AND attempts = $2 RETURNING true
  )
  SELECT true FROM postponed`;

interface NoticeRecord {
  readonly id: string;
  readonly client_id: ClientId;
  readonly account_id: AccountId;
  readonly sid: string;
  readonly ended_at: Date;
  readonly attempts: number;
  readonly receiver: string | null;
}

export class PgLogoutNoticeStore extends LogoutNoticeStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async claim({ now, until, limit, perClient, except }: LogoutClaim): Promise<readonly LogoutNotice[]> {
    const records = await this.database.query<NoticeRecord>(CLAIM, [now, until, limit, perClient, except]);
    return records.map(({ receiver, ...record }) => ({
      id: record.id,
      clientId: record.client_id,
      accountId: record.account_id,
      sid: record.sid,
      endedAt: record.ended_at,
      attempts: record.attempts,
      ...(receiver === null ? {} : { receiver }),
    }));
  }

  override async settle(id: string, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(SETTLE, [id, ...auditValues(audit)]);
  }

  override async postpone({ id, attempts: claimed }: LogoutNotice, dueAt: Date, attempts: number): Promise<void> {
    await this.database.query(POSTPONE, [id, claimed, dueAt, attempts]);
  }
}
