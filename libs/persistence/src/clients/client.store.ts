import { type AuditEvent } from '@gatehouse/audit';
import { type Client, ClientStore } from '@gatehouse/authorization-server';
import { type ClientId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';
import { type StoredSecret } from './client.row.js';
import { fromStoredSecrets, toStoredSecrets } from './stored-secrets.js';

const FIND = `
  SELECT origin, name, application_type, redirect_uris, grant_types, auth_method, secrets, scopes, client_uri,
         software_id, software_version, created_at, disabled_at
    FROM clients WHERE id = $1`;

const REGISTER = `
  WITH registered AS (
    INSERT INTO clients (id, origin, name, application_type, redirect_uris, grant_types, auth_method, secrets, scopes,
                         client_uri, software_id, software_version, created_at, disabled_at, unused_since)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            CASE WHEN $2::text = 'dynamic' THEN $13::timestamptz END)
    RETURNING true
  ), recorded AS (${insertAuditEvent('registered', 15)})
  SELECT true FROM registered`;

interface ClientRecord {
  readonly origin: Client['origin'];
  readonly name: string;
  readonly application_type: Client['applicationType'];
  readonly redirect_uris: Client['redirectUris'];
  readonly grant_types: Client['grantTypes'];
  readonly auth_method: Client['authMethod'];
  readonly secrets: readonly StoredSecret[];
  readonly scopes: readonly string[] | null;
  readonly client_uri: string | null;
  readonly software_id: string | null;
  readonly software_version: string | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

export class PgClientStore extends ClientStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async find(id: ClientId): Promise<Client | undefined> {
    const [record] = await this.database.query<ClientRecord>(FIND, [id]);
    return record && toClient(id, record);
  }

  override async register(client: Client, audit: AuditEvent): Promise<void> {
    await this.database.query(REGISTER, [
      client.id,
      client.origin,
      client.name,
      client.applicationType,
      client.redirectUris,
      client.grantTypes,
      client.authMethod,
      JSON.stringify(toStoredSecrets(client.secrets)),
      client.scopes,
      client.clientUri,
      client.softwareId,
      client.softwareVersion,
      client.createdAt,
      client.disabledAt,
      ...auditValues(audit),
    ]);
  }
}

function toClient(id: ClientId, record: ClientRecord): Client {
  return {
    id,
    origin: record.origin,
    name: record.name,
    applicationType: record.application_type,
    redirectUris: record.redirect_uris,
    grantTypes: record.grant_types,
    authMethod: record.auth_method,
    secrets: fromStoredSecrets(record.secrets),
    ...(record.scopes && { scopes: record.scopes }),
    ...(record.client_uri !== null && { clientUri: record.client_uri }),
    ...(record.software_id !== null && { softwareId: record.software_id }),
    ...(record.software_version !== null && { softwareVersion: record.software_version }),
    createdAt: record.created_at,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
  };
}
