import { type AuditEvent } from '@gatehouse/audit';
import { type Client, type ClientChange, PreRegistrationStore } from '@gatehouse/authorization-server';
import { type ClientId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { CLIENT_COLUMNS, type ClientRecord, clientValues, toClient } from '../clients/client.store.js';
import { type Database } from '../database.js';

const OPERATORS = `SELECT ${CLIENT_COLUMNS.join(', ')} FROM clients WHERE origin = 'pre-registered'`;
const PLACES = CLIENT_COLUMNS.map((_, index) => `$${index + 1}`);
const AFTER = CLIENT_COLUMNS.length + 1;

const LIST = `${OPERATORS} ORDER BY id COLLATE "C"`;
const LOCK = `${OPERATORS} AND id = $1 FOR UPDATE`;

const CREATE = `
  WITH created AS (
    INSERT INTO clients (${CLIENT_COLUMNS.join(', ')}) VALUES (${PLACES.join(', ')})
    ON CONFLICT (id) DO NOTHING RETURNING true
  ), recorded AS (${insertAuditEvent('created', AFTER)})
  SELECT true FROM created`;

const CHANGE = `
  WITH changed AS (
    UPDATE clients SET (${CLIENT_COLUMNS.join(', ')}) = ROW (${PLACES.join(', ')}) WHERE id = $1 RETURNING true
  ), recorded AS (${insertAuditEvent('changed', AFTER)})
  SELECT true FROM changed`;

/** The client is locked: an approval that held it before is seen, and one that comes later finds its journey ended. */
const END_AGREEMENTS = `
  WITH dropped AS (DELETE FROM consents WHERE client_id = $1)
  UPDATE interactions SET completed_at = $2 WHERE request ->> 'clientId' = $1 AND completed_at IS NULL`;

export class PgPreRegistrationStore extends PreRegistrationStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(): Promise<readonly Client[]> {
    return (await this.database.query<ClientRecord>(LIST)).map(toClient);
  }

  override create(client: Client, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(CREATE, [...clientValues(client), ...auditValues(audit)]);
  }

  /** The row is locked from the read to the write: of changes at once each sees what the one before has left. */
  override change(id: ClientId, change: (client: Client) => ClientChange | undefined): Promise<Client | undefined> {
    return this.database.transaction(async (manager) => {
      const [record] = await manager.query<ClientRecord[]>(LOCK, [id]);
      if (!record) return undefined;
      const current = toClient(record);
      const result = change(current);
      if (!result) return current;
      await manager.query(CHANGE, [...clientValues(result.client), ...auditValues(result.audit)]);
      if (result.endsAgreements) await manager.query(END_AGREEMENTS, [id, result.audit.at]);
      return result.client;
    });
  }
}
