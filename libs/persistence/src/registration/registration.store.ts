/**
 * Clients that register themselves. Each verb is one statement (admission of a shared client at most three), and takes its
 * locks in one order: the client, then what belongs to it. Only deletion of unused ones begins at the registration, which it never waits for.
 */
import { type AuditEvent } from '@gatehouse/audit';
import {
  type Admission,
  type Client,
  type ClientSecret,
  type ManagedClient,
  RegistrationStore,
} from '@gatehouse/authorization-server';
import { type ClientId, type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { fromBytes, toBytes } from '../base64url.js';
import { CLIENT_COLUMNS, type ClientRecord, clientValues, toClient } from '../clients/client.store.js';
import { toStoredSecrets } from '../clients/stored-secrets.js';
import { type Database } from '../database.js';
import { UNUSED_BEYOND_BUDGET } from './unused-clients.js';

const FIELDS = CLIENT_COLUMNS.map((column) => `client.${column}`).join(', ');
/** Parameters after the client's columns. */
const nth = (index: number): string => `$${String(CLIENT_COLUMNS.length + index)}`;
const VALUES = CLIENT_COLUMNS.map((_, index) => `$${String(index + 1)}`).join(', ');

/** A client that is asked for again moves to the back of the queue; not at each call, for many may ask at once. */
const FIND_SHARED = `
  WITH known AS (
    SELECT client_id FROM client_registrations WHERE fingerprint = $1
  ), seen AS (
    UPDATE client_registrations registration SET unused_since = $2 FROM known
     WHERE registration.client_id = known.client_id AND registration.unused_since < $2::timestamptz - interval '5 seconds'
  )
  SELECT ${FIELDS} FROM clients client JOIN known ON known.client_id = client.id`;

const admit = (spent: string, permission: string): string => `
  WITH ${spent} admitted AS (
    INSERT INTO client_registrations (client_id, management_token, fingerprint, unused_since, source)
    SELECT $1, ${nth(1)}, ${nth(2)}, ${nth(3)}::timestamptz, ${nth(4)}::bytea ${permission}
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING true
  ), registered AS (
    INSERT INTO clients (${CLIENT_COLUMNS.join(', ')}) SELECT ${VALUES} FROM admitted
  ), recorded AS (${insertAuditEvent('admitted', CLIENT_COLUMNS.length + (spent === '' ? 5 : 7))})
  SELECT true FROM admitted`;

const ADMIT = admit('', '');
/** The row lock of the token lets as many through as it has uses. */
const ADMIT_WITH_TOKEN = admit(
  `spent AS (
    UPDATE initial_access_tokens SET uses_left = uses_left - 1
     WHERE hash = ${nth(5)} AND uses_left > 0 AND revoked_at IS NULL AND expires_at > ${nth(6)}
    RETURNING true
  ),`,
  'FROM spent',
);

const FIND_MANAGED = `
  SELECT ${FIELDS}, registration.management_token
    FROM clients client JOIN client_registrations registration ON registration.client_id = client.id
   WHERE client.id = $1 AND registration.management_token IS NOT NULL`;

/** What its token may change now: it waits for a disabling that is under way, and finds nothing then. */
const OWN = `
  own AS (
    SELECT client.id, client.name, client.redirect_uris, client.auth_method, client.keys
      FROM clients client JOIN client_registrations registration ON registration.client_id = client.id
     WHERE client.id = $1 AND registration.management_token = $2
       AND client.disabled_at IS NULL AND client.origin = 'dynamic'
       FOR UPDATE OF client
  )`;

const REPLACE = `
  WITH ${OWN}, replaced AS (
    UPDATE clients
       SET name = $3, application_type = $4, redirect_uris = $5, grant_types = $6, auth_method = $7,
           keys = $8, client_uri = $9, software_id = $10, software_version = $11, secrets = COALESCE($12, clients.secrets),
           require_pushed_requests = $13, assertion_algorithm = $14, post_logout_redirect_uris = $15,
           backchannel_logout_uri = $16, backchannel_logout_session_required = $17, dpop_bound_access_tokens = $18
      FROM own WHERE clients.id = own.id
    RETURNING true
  ), dropped AS (
    DELETE FROM consents USING own
     WHERE consents.client_id = own.id
       AND (own.name, own.redirect_uris, own.auth_method, own.keys)
           IS DISTINCT FROM ($3::text, $5::text[], $7::text, $8::jsonb)
  ), recorded AS (${insertAuditEvent('replaced', 19)})
  SELECT true FROM replaced`;

const REMOVE = `
  WITH ${OWN}, removed AS (
    DELETE FROM clients USING own WHERE clients.id = own.id RETURNING true
  ), unmanaged AS (
    DELETE FROM client_registrations USING own WHERE client_registrations.client_id = own.id
  ), forgotten AS (
    DELETE FROM client_usage USING own WHERE client_usage.client_id = own.id
  ), dropped AS (
    DELETE FROM consents USING own WHERE consents.client_id = own.id
  ), recorded AS (${insertAuditEvent('removed', 3)})
  SELECT true FROM removed`;

const TRIM = `
  WITH ${UNUSED_BEYOND_BUDGET}, counted AS (
    SELECT count(*)::integer AS clients FROM deleted HAVING count(*) > 0
  ), recorded AS (
    INSERT INTO audit_events (type, at, detail)
    SELECT 'client.reaped', $3::timestamptz, jsonb_build_object('clients', clients) FROM counted
  )
  SELECT clients FROM counted`;

/** Between a shared client's insertion, which found it there, and its reading it may have been deleted. */
const ATTEMPTS = 3;

export class PgRegistrationStore extends RegistrationStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async admit(admission: Admission, audit: AuditEvent, now: Date): Promise<Client | undefined> {
    const { fingerprint } = admission;
    if (fingerprint === undefined) return (await this.#store(admission, audit, now)) ? admission.client : undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await this.#store(admission, audit, now)) return admission.client;
      const known = await this.findShared(fingerprint, now);
      if (known) return known;
    }
    return undefined;
  }

  override async findShared(fingerprint: TokenHash, now: Date): Promise<Client | undefined> {
    const [known] = await this.database.query<ClientRecord>(FIND_SHARED, [toBytes(fingerprint), now]);
    return known && toClient(known);
  }

  async #store(admission: Admission, audit: AuditEvent, now: Date): Promise<boolean> {
    const { client, fingerprint, initialAccessToken, managementToken, source } = admission;
    const values = [
      ...clientValues(client),
      managementToken && toBytes(managementToken),
      fingerprint && toBytes(fingerprint),
      initialAccessToken === undefined ? now : undefined,
      source && toBytes(source),
    ];
    return initialAccessToken === undefined
      ? this.database.succeeds(ADMIT, [...values, ...auditValues(audit)])
      : this.database.succeeds(ADMIT_WITH_TOKEN, [...values, toBytes(initialAccessToken), now, ...auditValues(audit)]);
  }

  override async findManaged(id: ClientId): Promise<ManagedClient | undefined> {
    const [record] = await this.database.query<ClientRecord & { readonly management_token: Buffer }>(FIND_MANAGED, [
      id,
    ]);
    return record && { client: toClient(record), managementToken: fromBytes(record.management_token) as TokenHash };
  }

  override async replace(
    { client, managementToken }: ManagedClient,
    secrets: readonly ClientSecret[] | undefined,
    audit: AuditEvent,
  ): Promise<boolean> {
    return this.database.succeeds(REPLACE, [
      client.id,
      toBytes(managementToken),
      client.name,
      client.applicationType,
      client.redirectUris,
      client.grantTypes,
      client.authMethod,
      client.keys && JSON.stringify(client.keys),
      client.clientUri,
      client.softwareId,
      client.softwareVersion,
      secrets && JSON.stringify(toStoredSecrets(secrets)),
      client.requirePushedRequests ?? false,
      client.assertionAlgorithm,
      client.postLogoutRedirectUris,
      client.backchannelLogoutUri,
      client.backchannelLogoutSessionRequired ?? false,
      client.dpopBoundAccessTokens ?? false,
      ...auditValues(audit),
    ]);
  }

  override async remove(id: ClientId, managementToken: TokenHash, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(REMOVE, [id, toBytes(managementToken), ...auditValues(audit)]);
  }

  override async trim(budget: number, limit: number, now: Date): Promise<number> {
    const [trimmed] = await this.database.query<{ readonly clients: number }>(TRIM, [budget, limit, now]);
    return trimmed?.clients ?? 0;
  }
}
