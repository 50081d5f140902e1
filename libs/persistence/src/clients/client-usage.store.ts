import { type ClientUse, ClientUsageStore } from '@gatehouse/authorization-server';
import { type ClientId } from '@gatehouse/protocol';
import { type Database } from '../database.js';

/**
 * The day decides before anything is locked: of several servers whose first use of the day this is, one writes. The
 * quarantine ends in the same statement.
 */
const USED = `
  WITH used AS (
    INSERT INTO client_usage AS usage (client_id, first_used_at, last_used_at)
    SELECT $1, $2, $2
     WHERE NOT EXISTS (SELECT FROM client_usage WHERE client_id = $1 AND last_used_at >= $3::timestamptz)
    ON CONFLICT (client_id) DO UPDATE SET last_used_at = excluded.last_used_at WHERE usage.last_used_at < $3::timestamptz
    RETURNING true
  ), left_quarantine AS (
    UPDATE client_registrations SET unused_since = NULL WHERE client_id = $1 AND unused_since IS NOT NULL
  )
  SELECT true FROM used`;

const FIND = `SELECT first_used_at, last_used_at FROM client_usage WHERE client_id = $1`;

export class PgClientUsageStore extends ClientUsageStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async used(id: ClientId, at: Date): Promise<void> {
    await this.database.query(USED, [id, at, new Date(`${at.toISOString().slice(0, 10)}T00:00:00Z`)]);
  }

  override async find(id: ClientId): Promise<ClientUse | undefined> {
    const [record] = await this.database.query<{ readonly first_used_at: Date; readonly last_used_at: Date }>(FIND, [
      id,
    ]);
    return record && { firstUsedAt: record.first_used_at, lastUsedAt: record.last_used_at };
  }
}
