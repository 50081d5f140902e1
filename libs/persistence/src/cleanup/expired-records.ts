import { ExpiredRecords, type ExpiringRecord } from '@gatehouse/authorization-server';
import { type Database } from '../database.js';

/** The oldest first, by the index on their end; a row that a request holds is left for the next time. */
const deletion = (table: string, key: string, end: string, over: string): string => `
  WITH over AS (
    SELECT ${key} FROM ${table} WHERE ${over} ORDER BY ${end} LIMIT $2 FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM ${table} USING over WHERE ${table}.${key} = over.${key} RETURNING true
  )
  SELECT count(*)::integer AS deleted FROM deleted`;

const DELETIONS: Readonly<Record<ExpiringRecord, string>> = {
  interactions: deletion('interactions', 'id', 'expires_at', 'expires_at < $1'),
  // Spent ones included: until `before` their reuse still ends what they gave birth to.
  codes: deletion('authorization_codes', 'hash', 'expires_at', 'expires_at < $1'),
  authorizations: deletion(
    'authorizations',
    'id',
    'ends_on',
    `ends_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND LEAST(expires_at, idle_expires_at, revoked_at) < $1`,
  ),
  sessions: deletion('sessions', 'id', 'expires_at', 'expires_at < $1'),
  // Asked again under the row's lock, so an approval that comes between is seen.
  clients: deletion('clients', 'id', 'unused_since', 'unused_since < $1'),
  attempts: deletion('attempts', 'key', 'window_ends_at', 'window_ends_at < $1'),
};

export class PgExpiredRecords extends ExpiredRecords {
  constructor(private readonly database: Database) {
    super();
  }

  override async deleteBatch(record: ExpiringRecord, before: Date, limit: number): Promise<number> {
    const [answer] = await this.database.query<{ readonly deleted: number }>(DELETIONS[record], [before, limit]);
    return answer?.deleted ?? 0;
  }
}
