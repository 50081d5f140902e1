import { UsedAssertionStore } from '@gatehouse/identity';
import { createHash } from 'node:crypto';
import { type Database } from '../database.js';

/**
 * In one table with the assertions of clients, whose ids are made of two parts: of three none is the same. The unique key
 * decides between parallel uses: who comes second waits for the first and then inserts nothing.
 */
const USE = `
  WITH used AS (
    INSERT INTO used_assertions (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING true
  )
  SELECT true FROM used`;

export class PgUsedAssertionStore extends UsedAssertionStore {
  constructor(private readonly database: Database) {
    super();
  }

  override use(issuer: string, assertionId: string, expiresAt: Date): Promise<boolean> {
    const id = createHash('sha256')
      .update(JSON.stringify(['saml', issuer, assertionId]))
      .digest();
    return this.database.succeeds(USE, [id, expiresAt]);
  }
}
