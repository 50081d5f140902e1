import { AssertionReplayStore } from '@gatehouse/authorization-server';
import { type ClientId } from '@gatehouse/protocol';
import { createHash } from 'node:crypto';
import { type Database } from '../database.js';

/** The unique key decides between parallel uses: who comes second waits for the first and then inserts nothing. */
const USE = `
  WITH used AS (
    INSERT INTO used_assertions (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING true
  )
  SELECT true FROM used`;

export class PgAssertionReplayStore extends AssertionReplayStore {
  constructor(private readonly database: Database) {
    super();
  }

  override use(clientId: ClientId, jti: string, expiresAt: Date): Promise<boolean> {
    const id = createHash('sha256')
      .update(JSON.stringify([clientId, jti]))
      .digest();
    return this.database.succeeds(USE, [id, expiresAt]);
  }
}
