import { type AuditEvent } from '@gatehouse/audit';
import { type Client, ClientAdministrationStore, type ClientSelection } from '@gatehouse/authorization-server';
import { type ClientId } from '@gatehouse/protocol';
import { type EntityManager } from 'typeorm';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { CLIENT_COLUMNS, type ClientRecord, toClient } from '../clients/client.store.js';
import { type Database } from '../database.js';

/** Pages are read along the index `clients_in_order`; what does not fit is passed over. */
const PAGE = `
  SELECT ${CLIENT_COLUMNS.join(', ')} FROM clients
   WHERE ($1::text IS NULL OR id COLLATE "C" > $1)
     AND ($2::text IS NULL OR origin = $2)
     AND ($3::boolean IS NULL OR (disabled_at IS NOT NULL) = $3)
     AND ($4::text IS NULL OR starts_with(lower(name), lower($4)))
   ORDER BY id COLLATE "C"
   LIMIT $5`;

const SET_DISABLED = `
  WITH known AS (
    SELECT id FROM clients WHERE id = $1 AND origin <> 'pre-registered'
  ), changed AS (
    UPDATE clients SET disabled_at = $2 FROM known
     WHERE clients.id = known.id AND (clients.disabled_at IS NULL) = ($2::timestamptz IS NOT NULL)
    RETURNING true
  ), recorded AS (${insertAuditEvent('changed', 3)})
  SELECT EXISTS (SELECT FROM changed) AS changed FROM known`;

/** Births lock the client FOR SHARE, so whoever was about to be born has been, and is seen by the next statement. */
const LOCK = `SELECT id FROM clients WHERE id = $1 FOR UPDATE`;

/**
 * What was derived from them is over with them, and need not be looked for. Redeemed codes stay: their reuse should still
 * be seen.
 */
const END = `
  WITH ended AS (
    UPDATE authorizations
       SET revoked_at = $2::timestamptz, revocation_reason = 'revoked_by_operator',
           ends_on = LEAST(ends_on, ($2::timestamptz AT TIME ZONE 'UTC')::date)
     WHERE client_id = $1 AND revoked_at IS NULL
    RETURNING true
  ), codes AS (
    DELETE FROM authorization_codes WHERE client_id = $1 AND redeemed_at IS NULL
  ), devices AS (
    DELETE FROM device_authorizations WHERE client_id = $1 AND redeemed_at IS NULL
  ), dropped AS (
    DELETE FROM consents WHERE client_id = $1
  ), recorded AS (${insertAuditEvent('(VALUES (true)) AS once', 3)})
  SELECT count(*)::integer AS ended FROM ended`;

const REMOVE = `
  WITH unmanaged AS (
    DELETE FROM client_registrations WHERE client_id = $1
  ), forgotten AS (
    DELETE FROM client_usage WHERE client_id = $1
  ), pushed AS (
    DELETE FROM pushed_requests WHERE client_id = $1
  ), begun AS (
    DELETE FROM interactions WHERE request ->> 'clientId' = $1
  ), untold AS (
    DELETE FROM logout_notices WHERE client_id = $1
  ), removed AS (
    DELETE FROM clients WHERE id = $1 RETURNING true
  )
  SELECT true FROM removed`;

export class PgClientAdministrationStore extends ClientAdministrationStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async page({ after, limit, origin, disabled, namePrefix }: ClientSelection): Promise<readonly Client[]> {
    const records = await this.database.query<ClientRecord>(PAGE, [after, origin, disabled, namePrefix, limit]);
    return records.map(toClient);
  }

  override async setDisabled(
    id: ClientId,
    disabledAt: Date | undefined,
    audit: AuditEvent,
  ): Promise<'changed' | 'unchanged' | 'unknown'> {
    const values = [id, disabledAt, ...auditValues(audit)];
    const [known] = await this.database.query<{ readonly changed: boolean }>(SET_DISABLED, values);
    if (!known) return 'unknown';
    return known.changed ? 'changed' : 'unchanged';
  }

  override revokeAll(id: ClientId, audit: AuditEvent): Promise<number | undefined> {
    return this.database.transaction((manager) => endAll(manager, id, audit));
  }

  override remove(id: ClientId, audit: AuditEvent): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      if ((await endAll(manager, id, audit)) === undefined) return false;
      await manager.query(REMOVE, [id]);
      return true;
    });
  }
}

async function endAll(manager: EntityManager, id: ClientId, audit: AuditEvent): Promise<number | undefined> {
  const known = await manager.query<readonly object[]>(LOCK, [id]);
  if (known.length === 0) return undefined;
  const [result] = await manager.query<readonly { readonly ended: number }[]>(END, [
    id,
    audit.at,
    ...auditValues(audit),
  ]);
  return result?.ended ?? 0;
}
