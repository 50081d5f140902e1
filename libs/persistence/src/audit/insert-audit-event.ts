import { type AuditEvent } from '@gatehouse/audit';
import { type Columns, toRecord, typed } from '../act.js';

/** In the order of `auditValues`. */
const COLUMNS: Columns = [
  ['type', 'text'],
  ['at', 'timestamptz'],
  ['reason', 'text'],
  ['client_id', 'text'],
  ['account_id', 'uuid'],
  ['authorization_id', 'uuid'],
  ['resource', 'text'],
  ['scopes', 'text[]'],
  ['detail', 'jsonb'],
  ['actor_id', 'text'],
];
const NAMES = COLUMNS.map(([name]) => name).join(', ');

/**
 * Part of a statement: stores the event once for each row of `source`, so for none when the act did not happen. Its ten
 * values (auditValues) are the parameters from `$first` on.
 */
export function insertAuditEvent(source: string, first: number): string {
  return `
    INSERT INTO audit_events (${NAMES})
    SELECT ${COLUMNS.map(([, type], index) => `$${first + index}::${type}`).join(', ')}
      FROM ${source}`;
}

/** The same in a statement about many: `source` has the event of each as JSON (auditRecord) in a column `audit`. */
export function insertAuditEvents(source: string): string {
  return `
    INSERT INTO audit_events (${NAMES})
    SELECT ${COLUMNS.map(([name]) => `event.${name}`).join(', ')}
      FROM ${source} CROSS JOIN LATERAL json_to_record(audit) AS event (${typed(COLUMNS)})`;
}

export function auditRecord(event: AuditEvent): object {
  return toRecord(COLUMNS, valuesOf(event, event.detail));
}

export function auditValues(event: AuditEvent): readonly unknown[] {
  return valuesOf(event, event.detail && JSON.stringify(event.detail));
}

function valuesOf(event: AuditEvent, detail: unknown): readonly unknown[] {
  return [
    event.type,
    event.at,
    event.reason,
    event.clientId,
    event.accountId,
    event.authorizationId,
    event.resource,
    event.scopes,
    detail,
    event.actorId,
  ];
}
