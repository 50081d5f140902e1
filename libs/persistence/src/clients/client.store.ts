import { type AuditEvent } from '@gatehouse/audit';
import { type Client, type ClientKeySet, ClientStore, type SecretRenewal } from '@gatehouse/authorization-server';
import { type ClientId, type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';
import { type StoredSecret } from './client.row.js';
import { fromStoredSecrets, renewSecretIn, toStoredSecrets } from './stored-secrets.js';

/** In the order of `clientValues`. What a renewed metadata document does not change stands last. */
export const CLIENT_COLUMNS = [
  'id',
  'origin',
  'name',
  'application_type',
  'redirect_uris',
  'grant_types',
  'auth_method',
  'secrets',
  'keys',
  'scopes',
  'exchanges',
  'require_pushed_requests',
  'assertion_algorithm',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'dpop_bound_access_tokens',
  'client_uri',
  'software_id',
  'software_version',
  'document_fetched_at',
  'document_expires_at',
  'document_etag',
  'created_at',
  'disabled_at',
];
const RENEWED = CLIENT_COLUMNS.slice(1, -2);
const INSERT = `INSERT INTO clients (${CLIENT_COLUMNS.join(', ')}) VALUES (${CLIENT_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})`;
const AFTER = CLIENT_COLUMNS.length + 1;

const FIND = `SELECT ${CLIENT_COLUMNS.join(', ')} FROM clients WHERE id = $1`;

const REGISTER = `
  WITH registered AS (${INSERT} RETURNING true), recorded AS (${insertAuditEvent('registered', AFTER)})
  SELECT true FROM registered`;

/** A row of use may have outlived the client: one that was used is not in quarantine. */
const ADOPT = `
  WITH adopted AS (${INSERT} ON CONFLICT (id) DO NOTHING RETURNING id, created_at),
       quarantined AS (
         INSERT INTO client_registrations (client_id, source, unused_since)
         SELECT id, $${AFTER}::bytea,
                CASE WHEN EXISTS (SELECT FROM client_usage usage WHERE usage.client_id = id) THEN NULL ELSE created_at END
           FROM adopted
         ON CONFLICT (client_id) DO UPDATE SET source = excluded.source, unused_since = excluded.unused_since
       ),
       recorded AS (${insertAuditEvent('adopted', AFTER + 1)})
  SELECT true FROM adopted`;

/** Of parallel renewals of one copy the row lock lets one through: the others find another `document_fetched_at`. */
const RENEW = `
  WITH renewed AS (
    UPDATE clients SET ${RENEWED.map((column, index) => `${column} = $${index + 2}`).join(', ')}
     WHERE id = $1 AND document_fetched_at = $${RENEWED.length + 2}
    RETURNING document_fetched_at
  ), waiting AS (
    UPDATE client_registrations SET unused_since = document_fetched_at FROM renewed
     WHERE client_id = $1 AND unused_since IS NOT NULL
  )
  SELECT true FROM renewed`;

/**
 * After the copy was replaced, in a statement of its own: an approval that held the client until then is seen by it. One
 * that comes later finds its journey ended.
 */
const DROP_AGREEMENTS = `
  WITH dropped AS (DELETE FROM consents WHERE client_id = $1),
       ended AS (
         UPDATE interactions SET completed_at = $2 WHERE request ->> 'clientId' = $1 AND completed_at IS NULL
       ),
       changed AS (SELECT true),
       recorded AS (${insertAuditEvent('changed', 3)})
  SELECT true`;

const RENEW_SECRET = renewSecretIn('clients');

export interface ClientRecord {
  readonly id: ClientId;
  readonly origin: Client['origin'];
  readonly name: string;
  readonly application_type: Client['applicationType'];
  readonly redirect_uris: Client['redirectUris'];
  readonly grant_types: Client['grantTypes'];
  readonly auth_method: Client['authMethod'];
  readonly secrets: readonly StoredSecret[];
  readonly keys: ClientKeySet | null;
  readonly scopes: readonly string[] | null;
  readonly exchanges: Client['exchanges'] | null;
  readonly require_pushed_requests: boolean;
  readonly assertion_algorithm: string | null;
  readonly post_logout_redirect_uris: readonly string[] | null;
  readonly backchannel_logout_uri: string | null;
  readonly backchannel_logout_session_required: boolean;
  readonly dpop_bound_access_tokens: boolean;
  readonly client_uri: string | null;
  readonly software_id: string | null;
  readonly software_version: string | null;
  readonly document_fetched_at: Date | null;
  readonly document_expires_at: Date | null;
  readonly document_etag: string | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

export class PgClientStore extends ClientStore {
  readonly #byId: Question<[ClientId], ClientRecord>;

  constructor(private readonly database: Database) {
    super();
    this.#byId = new Question(database, FIND, ['text']);
  }

  override async find(id: ClientId): Promise<Client | undefined> {
    const record = await this.#byId.ask(id);
    return record && toClient(record);
  }

  override async register(client: Client, audit: AuditEvent): Promise<void> {
    await this.database.query(REGISTER, [...clientValues(client), ...auditValues(audit)]);
  }

  override async adopt(client: Client, audit: AuditEvent, source?: TokenHash): Promise<boolean> {
    return this.database.succeeds(ADOPT, [...clientValues(client), source && toBytes(source), ...auditValues(audit)]);
  }

  override async renew(last: Client, renewed: Client, change?: AuditEvent): Promise<boolean> {
    const values = [...clientValues(renewed).slice(0, -2), last.document?.fetchedAt];
    if (!change) return this.database.succeeds(RENEW, values);
    return this.database.transaction(async (manager) => {
      if ((await manager.query<unknown[]>(RENEW, values)).length === 0) return false;
      await manager.query(DROP_AGREEMENTS, [renewed.id, change.at, ...auditValues(change)]);
      return true;
    });
  }

  override renewSecret(id: ClientId, { from, to }: SecretRenewal): Promise<boolean> {
    return this.database.succeeds(RENEW_SECRET, [id, from, to]);
  }
}

export function clientValues(client: Client): readonly unknown[] {
  return [
    client.id,
    client.origin,
    client.name,
    client.applicationType,
    client.redirectUris,
    client.grantTypes,
    client.authMethod,
    JSON.stringify(toStoredSecrets(client.secrets)),
    client.keys && JSON.stringify(client.keys),
    client.scopes,
    client.exchanges && JSON.stringify(client.exchanges),
    client.requirePushedRequests ?? false,
    client.assertionAlgorithm,
    client.postLogoutRedirectUris,
    client.backchannelLogoutUri,
    client.backchannelLogoutSessionRequired ?? false,
    client.dpopBoundAccessTokens ?? false,
    client.clientUri,
    client.softwareId,
    client.softwareVersion,
    client.document?.fetchedAt,
    client.document?.expiresAt,
    client.document?.etag,
    client.createdAt,
    client.disabledAt,
  ];
}

export function toClient(record: ClientRecord): Client {
  return {
    id: record.id,
    origin: record.origin,
    name: record.name,
    applicationType: record.application_type,
    redirectUris: record.redirect_uris,
    grantTypes: record.grant_types,
    authMethod: record.auth_method,
    secrets: fromStoredSecrets(record.secrets),
    ...(record.keys && { keys: record.keys }),
    ...(record.scopes && { scopes: record.scopes }),
    ...(record.exchanges && { exchanges: record.exchanges }),
    ...(record.require_pushed_requests && { requirePushedRequests: true }),
    ...(record.assertion_algorithm !== null && { assertionAlgorithm: record.assertion_algorithm }),
    ...(record.post_logout_redirect_uris && { postLogoutRedirectUris: record.post_logout_redirect_uris }),
    ...(record.backchannel_logout_uri !== null && { backchannelLogoutUri: record.backchannel_logout_uri }),
    ...(record.backchannel_logout_session_required && { backchannelLogoutSessionRequired: true }),
    ...(record.dpop_bound_access_tokens && { dpopBoundAccessTokens: true }),
    ...(record.client_uri !== null && { clientUri: record.client_uri }),
    ...(record.software_id !== null && { softwareId: record.software_id }),
    ...(record.software_version !== null && { softwareVersion: record.software_version }),
    createdAt: record.created_at,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
    ...(record.document_fetched_at &&
      record.document_expires_at && {
        document: {
          fetchedAt: record.document_fetched_at,
          expiresAt: record.document_expires_at,
          ...(record.document_etag !== null && { etag: record.document_etag }),
        },
      }),
  };
}
