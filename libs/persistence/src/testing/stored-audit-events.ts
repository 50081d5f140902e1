import { type AuditEvent } from '@gatehouse/audit';
import { type AuditEventRow } from '../audit/audit-event.row.js';
import { type Database } from '../database.js';

/** The audit trail as events, oldest first. */
export async function storedAuditEvents(database: Database): Promise<readonly AuditEvent[]> {
  const rows = await database.query<AuditEventRow>(`
    SELECT type, at, reason, client_id AS "clientId", account_id AS "accountId", authorization_id AS "authorizationId",
           resource, scopes, detail, actor_id AS "actorId"
      FROM audit_events ORDER BY id`);
  const present = (row: object) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return rows.map((row) => present(row) as unknown as AuditEvent);
}
