import { ProofReplayStore } from '@gatehouse/authorization-server';
import { hash } from 'node:crypto';
import { type Database } from '../database.js';

/** The unique key decides between parallel uses: who comes second waits for the first and then inserts nothing. */
const USE = `
  WITH used AS (
    INSERT INTO used_proofs (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING true
  )
  SELECT true FROM used`;

export class PgProofReplayStore extends ProofReplayStore {
  constructor(private readonly database: Database) {
    super();
  }

  override use(jkt: string, jti: string, expiresAt: Date): Promise<boolean> {
    return this.database.succeeds(USE, [hash('sha256', JSON.stringify([jkt, jti]), 'buffer'), expiresAt]);
  }
}
