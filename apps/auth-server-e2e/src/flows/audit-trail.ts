/** What the house wrote down about an authorization: the one thing these flows read from the database. */
import { Client } from 'pg';
import { claimsOf } from '@gatehouse/test-kit';
import { stack } from './house.js';

export interface AuditRecord {
  readonly type: string;
  readonly reason: string | null;
}

/** Records of the authorization that an access token belongs to, oldest first. */
export async function auditTrail(accessToken: string): Promise<readonly AuditRecord[]> {
  const database = new Client({ connectionString: stack.database });
  await database.connect();
  try {
    const { rows } = await database.query<AuditRecord>(
      'SELECT type, reason FROM audit_events WHERE authorization_id = $1 ORDER BY id',
      [claimsOf(accessToken)['grant_id']],
    );
    return rows;
  } finally {
    await database.end();
  }
}
