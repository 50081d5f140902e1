/**
 * Token families. Each verb is one statement, so the lock of the one row decides between parallel calls: a statement that
 * waited for it looks at the row again, with all its conditions, before it changes anything.
 */
import { type AuditEvent } from '@gatehouse/audit';
import {
  type Authorization,
  AuthorizationStore,
  type RefreshState,
  type RevocationReason,
  type Standing,
} from '@gatehouse/authorization-server';
import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type TokenHash,
} from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { fromBytes, toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { type SessionContextRecord, toSession } from './session-columns.js';
import { standingColumns, standingJoins, type StandingRecord, toStanding } from './standing.js';

const REFRESH_COLUMNS = `family.generation, family.current_hash, family.previous_hash, family.rotated_at, family.nonce,
  family.replay_key, family.idle_expires_at`;

const FIND = `
  SELECT family.id, family.client_id, family.account_id, family.resource, family.scopes, family.authenticated_at,
         family.created_at, family.expires_at, family.revoked_at, family.revocation_reason, ${REFRESH_COLUMNS},
         family.sid, family.acr, family.amr,
         ${standingColumns('family')}
    FROM authorizations family ${standingJoins('family')}
   WHERE family.id = $1`;

/** Why it locks neither client nor resource: see standing.ts. */
const BEGIN = `
  WITH begun AS (
    INSERT INTO authorizations (id, created_at, expires_at, client_id, resource, scopes, ends_on)
    SELECT $1::uuid, $2::timestamptz, $3::timestamptz, client.id, resource.identifier, $6::text[],
           ($3::timestamptz AT TIME ZONE 'UTC')::date
      FROM clients client, resources resource
     WHERE client.id = $4 AND client.disabled_at IS NULL
       AND resource.identifier = $5 AND resource.disabled_at IS NULL
    RETURNING true
  ), recorded AS (${insertAuditEvent('begun', 7)})
  SELECT true FROM begun`;

/** Alive at $time, with all its parties; see standing.ts for what a parallel disabling means. */
const alive = (time: string): string => `family.revoked_at IS NULL
  AND family.expires_at > ${time} AND family.idle_expires_at > ${time}
  AND client.id = family.client_id AND client.disabled_at IS NULL
  AND account.id = family.account_id AND account.disabled_at IS NULL
  AND resource.identifier = family.resource AND resource.disabled_at IS NULL`;

const ROTATE = `
  WITH rotated AS (
    UPDATE authorizations family
       SET generation = $4, current_hash = $5, previous_hash = $6, rotated_at = $7, nonce = $8, idle_expires_at = $9,
           ends_on = (LEAST(family.expires_at, $9::timestamptz) AT TIME ZONE 'UTC')::date
      FROM clients client, accounts account, resources resource
     WHERE family.id = $1 AND family.current_hash = $2 AND ${alive('$3::timestamptz')}
    RETURNING true
  ), recorded AS (${insertAuditEvent('rotated', 10)})
  SELECT true FROM rotated`;

/**
 * The lock makes it wait for a rotation (the successor is being used) or a revocation that is under way, and look again
 * at what that left. Not FOR SHARE: several of those at once are dearer than one after the other.
 */
const CONFIRM_RETRY = `
  WITH confirmed AS (
    SELECT ${REFRESH_COLUMNS}
      FROM authorizations family, clients client, accounts account, resources resource
     WHERE family.id = $1 AND family.previous_hash = $2 AND family.rotated_at >= $4::timestamptz
       AND ${alive('$3::timestamptz')}
       FOR NO KEY UPDATE OF family
  ), recorded AS (${insertAuditEvent('confirmed', 5)})
  SELECT * FROM confirmed`;

/** One condition only, so it wins against whatever changed the row while it waited. */
const REVOKE = `
  WITH ended AS (
    UPDATE authorizations
       SET revoked_at = $2, revocation_reason = $3, ends_on = LEAST(ends_on, ($2::timestamptz AT TIME ZONE 'UTC')::date)
     WHERE id = $1 AND revoked_at IS NULL
    RETURNING true
  ), recorded AS (${insertAuditEvent('ended', 4)})
  SELECT true FROM ended`;

interface RefreshRecord {
  readonly generation: number;
  readonly current_hash: Buffer;
  readonly previous_hash: Buffer | null;
  readonly rotated_at: Date | null;
  readonly nonce: Buffer | null;
  readonly replay_key: Buffer;
  readonly idle_expires_at: Date;
}

type AuthorizationRecord = StandingRecord &
  SessionContextRecord & {
    readonly id: AuthorizationId;
    readonly client_id: ClientId;
    readonly account_id: AccountId | null;
    readonly resource: ResourceIdentifier;
    readonly scopes: readonly string[];
    readonly authenticated_at: Date | null;
    readonly created_at: Date;
    readonly expires_at: Date;
    readonly revoked_at: Date | null;
    readonly revocation_reason: RevocationReason | null;
  } & (RefreshRecord | { readonly current_hash: null });

export class PgAuthorizationStore extends AuthorizationStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin(authorization: Authorization, audit: AuditEvent): Promise<boolean> {
    const { id, createdAt, expiresAt, clientId, resource, scopes } = authorization;
    return this.database.succeeds(BEGIN, [id, createdAt, expiresAt, clientId, resource, scopes, ...auditValues(audit)]);
  }

  override async find(
    id: AuthorizationId,
  ): Promise<{ readonly authorization: Authorization; readonly standing: Standing } | undefined> {
    const [record] = await this.database.query<AuthorizationRecord>(FIND, [id]);
    return record && { authorization: toAuthorization(record), standing: toStanding(record) };
  }

  override async rotate(
    id: AuthorizationId,
    presented: TokenHash,
    next: RefreshState,
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean> {
    return this.database.succeeds(ROTATE, [
      id,
      toBytes(presented),
      now,
      next.generation,
      toBytes(next.currentHash),
      next.previousHash && toBytes(next.previousHash),
      next.rotatedAt,
      next.nonce && toBytes(next.nonce),
      next.idleExpiresAt,
      ...auditValues(audit),
    ]);
  }

  override async confirmRetry(
    id: AuthorizationId,
    presented: TokenHash,
    notBefore: Date,
    audit: AuditEvent,
    now: Date,
  ): Promise<RefreshState | undefined> {
    const values = [id, toBytes(presented), now, notBefore, ...auditValues(audit)];
    const [record] = await this.database.query<RefreshRecord>(CONFIRM_RETRY, values);
    return record && toRefreshState(record);
  }

  override async revoke(id: AuthorizationId, reason: RevocationReason, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(REVOKE, [id, audit.at, reason, ...auditValues(audit)]);
  }
}

function toAuthorization(record: AuthorizationRecord): Authorization {
  return {
    id: record.id,
    clientId: record.client_id,
    resource: record.resource,
    scopes: record.scopes,
    ...(record.account_id !== null && record.authenticated_at
      ? { accountId: record.account_id, authenticatedAt: record.authenticated_at }
      : {}),
    ...toSession(record),
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    ...(record.revoked_at && record.revocation_reason
      ? { revoked: { at: record.revoked_at, reason: record.revocation_reason } }
      : {}),
    ...(record.current_hash === null ? {} : { refresh: toRefreshState(record) }),
  };
}

function toRefreshState(record: RefreshRecord): RefreshState {
  return {
    generation: record.generation,
    currentHash: fromBytes(record.current_hash) as TokenHash,
    ...(record.previous_hash ? { previousHash: fromBytes(record.previous_hash) as TokenHash } : {}),
    ...(record.rotated_at ? { rotatedAt: record.rotated_at } : {}),
    ...(record.nonce ? { nonce: fromBytes(record.nonce) } : {}),
    replayKey: fromBytes(record.replay_key),
    idleExpiresAt: record.idle_expires_at,
  };
}
