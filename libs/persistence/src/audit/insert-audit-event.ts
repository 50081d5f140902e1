import { type AuditEvent } from '@gatehouse/audit';

/**
 * Part of a statement: stores the event once for each row of `source`, so for none when the act did not happen. Its ten
 * values (auditValues) are the parameters from `$first` on.
 */
export function insertAuditEvent(source: string, first: number): string {
  const [type, at, reason, client, account, authorization, resource, scopes, detail, actor] = Array.from(
    { length: 10 },
    (_, index) => `$${first + index}`,
  ) as [string, string, string, string, string, string, string, string, string, string];
  return `
    INSERT INTO audit_events (type, at, reason, client_id, account_id, authorization_id, resource, scopes, detail, actor_id)
    SELECT ${type}::text, ${at}::timestamptz, ${reason}::text, ${client}::text, ${account}::uuid, ${authorization}::uuid,
           ${resource}::text, ${scopes}::text[], ${detail}::jsonb, ${actor}::text
      FROM ${source}`;
}

export function auditValues(event: AuditEvent): readonly unknown[] {
  return [
    event.type,
    event.at,
    event.reason,
    event.clientId,
    event.accountId,
    event.authorizationId,
    event.resource,
    event.scopes,
    event.detail && JSON.stringify(event.detail),
    event.actorId,
  ];
}
