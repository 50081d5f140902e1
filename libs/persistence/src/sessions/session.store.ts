import { type AuditEvent } from '@gatehouse/audit';
import { type ProviderId, type Session, SessionStore, type ShownSession } from '@gatehouse/identity';
import { type AccountId, type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';
import { insertLogoutNotices } from '../logout/logout-notice.store.js';

/** The replaced session is read, and so deleted, before the row with its name comes in. */
export const START_SESSION = `
  WITH replaced AS (
    DELETE FROM sessions WHERE id = $8 RETURNING sid, account_id, expires_at
  ), started AS (
    INSERT INTO sessions (id, account_id, authenticated_at, expires_at, sid, acr, amr, provider_id, upstream_session,
                          network, browser)
    SELECT $1::bytea, $2::uuid, $3::timestamptz, $4::timestamptz,
           COALESCE((SELECT sid FROM replaced WHERE account_id = $2::uuid AND expires_at > $9::timestamptz), $5::uuid),
           $6::text, $7::text[], $10::text, $11::text, $12::text, $13::text
    RETURNING sid
  ), told AS (${insertLogoutNotices('(SELECT sid, account_id FROM replaced WHERE sid NOT IN (SELECT sid FROM started))', '$9')}
  ), recorded AS (${insertAuditEvent('started', 14)})
  SELECT sid FROM started`;

const FIND = `
  SELECT session.account_id, session.authenticated_at, session.expires_at, session.sid, session.acr, session.amr,
         session.provider_id, session.upstream_session, account.display_name
    FROM sessions session
    JOIN accounts account ON account.id = session.account_id AND account.disabled_at IS NULL
   WHERE session.id = $1 AND session.expires_at > $2`;

const END = `
  WITH ended AS (
    DELETE FROM sessions WHERE id = $1 AND expires_at > $2 RETURNING sid, account_id
  ), told AS (${insertLogoutNotices('ended', '$2')}
  ), recorded AS (${insertAuditEvent('ended', 3)})
  SELECT true FROM ended`;

const LIST = `
  SELECT account_id, authenticated_at, expires_at, sid, acr, amr, provider_id, upstream_session, network, browser
    FROM sessions WHERE account_id = $1 AND expires_at > $2 ORDER BY authenticated_at DESC, sid`;

const END_OF = `
  WITH ended AS (
    DELETE FROM sessions
     WHERE account_id = $1 AND expires_at > $2 AND (sid::text = $3 OR $3 IS NULL) AND (sid::text <> $4 OR $4 IS NULL)
    RETURNING sid, account_id
  ), told AS (${insertLogoutNotices('ended', '$2')}
  ), recorded AS (${insertAuditEvent('ended', 5)})
  SELECT true FROM ended`;

interface ListedRecord extends Omit<SessionRecord, 'display_name'> {
  readonly network: string | null;
  readonly browser: string | null;
}

interface SessionRecord {
  readonly account_id: AccountId;
  readonly authenticated_at: Date;
  readonly expires_at: Date;
  readonly sid: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly provider_id: ProviderId | null;
  readonly upstream_session: string | null;
  readonly display_name: string;
}

export class PgSessionStore extends SessionStore {
  readonly #byId: Question<[Buffer, Date], SessionRecord>;

  constructor(private readonly database: Database) {
    super();
    this.#byId = new Question(database, FIND, ['bytea', 'timestamptz']);
  }

  override async start(session: Session, replaces: TokenHash | undefined, audit: AuditEvent): Promise<string> {
    const values = startSessionValues(session, replaces, audit, audit.at);
    const [started] = await this.database.query<{ readonly sid: string }>(START_SESSION, values);
    return started?.sid ?? session.sid;
  }

  override async find(
    id: TokenHash,
    now: Date,
  ): Promise<{ readonly session: Session; readonly displayName: string } | undefined> {
    const record = await this.#byId.ask(toBytes(id), now);
    return (
      record && {
        session: { id, ...toShown(record) },
        displayName: record.display_name,
      }
    );
  }

  override async end(id: TokenHash, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(END, [toBytes(id), audit.at, ...auditValues(audit)]);
  }

  override async list(accountId: AccountId, now: Date): Promise<readonly ShownSession[]> {
    const records = await this.database.query<ListedRecord>(LIST, [accountId, now]);
    return records.map((record) => ({
      ...toShown(record),
      ...(record.network !== null && { network: record.network }),
      ...(record.browser !== null && { browser: record.browser }),
    }));
  }

  override async endOf(
    accountId: AccountId,
    which: { readonly only: string } | { readonly allBut: string },
    audit: AuditEvent,
  ): Promise<number> {
    const names = 'only' in which ? [which.only, null] : [null, which.allBut];
    return (await this.database.query(END_OF, [accountId, audit.at, ...names, ...auditValues(audit)])).length;
  }
}

function toShown(record: Omit<SessionRecord, 'display_name'>): ShownSession {
  return {
    accountId: record.account_id,
    authenticatedAt: record.authenticated_at,
    expiresAt: record.expires_at,
    sid: record.sid,
    acr: record.acr,
    amr: record.amr,
    ...(record.provider_id !== null && { provider: record.provider_id }),
    ...(record.upstream_session !== null && { upstreamSession: record.upstream_session }),
  };
}

export function startSessionValues(
  session: Session,
  replaces: TokenHash | undefined,
  audit: AuditEvent,
  now: Date,
): readonly unknown[] {
  return [
    toBytes(session.id),
    session.accountId,
    session.authenticatedAt,
    session.expiresAt,
    session.sid,
    session.acr,
    session.amr,
    replaces && toBytes(replaces),
    now,
    session.provider,
    session.upstreamSession,
    session.network,
    session.browser,
    ...auditValues(audit),
  ];
}
