import { ExpiredRecords, type ExpiringRecord } from '@gatehouse/authorization-server';
import { type Database } from '../database.js';
import { UNUSED_SINCE } from '../registration/unused-clients.js';

/** The oldest first, by the index on their end; a row that a request holds is left for the next time. */
const deletion = (table: string, key: string, end: string, over: string): string => `
  WITH over AS (
    SELECT ${key} FROM ${table} WHERE ${over} ORDER BY ${end} LIMIT $2 FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM ${table} USING over WHERE ${table}.${key} = over.${key} RETURNING true
  )
  SELECT count(*)::integer AS deleted FROM deleted`;

/**
 * Events come in the order of their time, so only those with the lowest ids are looked at: that costs the same however
 * many there are. One that was written late waits until those before it are gone.
 */
const DELETE_AUDIT_EVENTS = `
  WITH oldest AS MATERIALIZED (
    SELECT id, at FROM audit_events ORDER BY id LIMIT $2
  ), over AS (
    SELECT event.id FROM audit_events event JOIN oldest ON oldest.id = event.id WHERE oldest.at < $1
       FOR UPDATE OF event SKIP LOCKED
  ), deleted AS (
    DELETE FROM audit_events USING over WHERE audit_events.id = over.id RETURNING true
  )
  SELECT count(*)::integer AS deleted FROM deleted`;
/** The trigger of an append-only table lets nobody else delete; the word counts to the end of the transaction. */
const SAY_THAT_THEY_ARE_OVER = `SELECT set_config('gatehouse.audit_events_are_over', 'yes', true)`;

const DELETIONS: Readonly<Record<ExpiringRecord, string>> = {
  audit_events: DELETE_AUDIT_EVENTS,
  interactions: deletion('interactions', 'id', 'expires_at', 'expires_at < $1'),
  // Spent ones included: until `before` their reuse still ends what they gave birth to.
  codes: deletion('authorization_codes', 'hash', 'expires_at', 'expires_at < $1'),
  authorizations: deletion(
    'authorizations',
    'id',
    'ends_on',
    `ends_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND LEAST(expires_at, idle_expires_at, revoked_at) < $1`,
  ),
  registrations: `WITH ${UNUSED_SINCE} SELECT count(*)::integer AS deleted FROM deleted`,
  pushed_requests: deletion('pushed_requests', 'id', 'expires_at', 'expires_at < $1'),
  devices: deletion('device_authorizations', 'code', 'expires_at', 'expires_at < $1'),
  sessions: deletion('sessions', 'id', 'expires_at', 'expires_at < $1'),
  // By their age, however often they were postponed.
  logout_notices: deletion('logout_notices', 'id', 'due_at', 'ended_at < $1'),
  sso_logins: deletion('sso_logins', 'state', 'expires_at', 'expires_at < $1'),
  pending_sign_ins: deletion('pending_sign_ins', 'challenge', 'expires_at', 'expires_at < $1'),
  assertions: deletion('used_assertions', 'id', 'expires_at', 'expires_at < $1'),
  proofs: deletion('used_proofs', 'id', 'expires_at', 'expires_at < $1'),
  attempts: deletion('attempts', 'key', 'window_ends_at', 'window_ends_at < $1'),
};

interface Deleted {
  readonly deleted: number;
}

export class PgExpiredRecords extends ExpiredRecords {
  constructor(private readonly database: Database) {
    super();
  }

  override async deleteBatch(record: ExpiringRecord, before: Date, limit: number): Promise<number> {
    const values = [before, limit];
    const [answer] = await (record === 'audit_events'
      ? this.database.transaction(async (manager) => {
          await manager.query(SAY_THAT_THEY_ARE_OVER);
          return manager.query<Deleted[]>(DELETIONS[record], values);
        })
      : this.database.query<Deleted>(DELETIONS[record], values));
    return answer?.deleted ?? 0;
  }
}
