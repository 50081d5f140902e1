import { type AuditEvent } from '@gatehouse/audit';
import {
  type Authorization,
  type DeviceAuthorization,
  DeviceAuthorizationStore,
  type DeviceDecision,
  SLOW_DOWN_BY,
  type Standing,
} from '@gatehouse/authorization-server';
import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type RefusalReason,
  type ResourceIdentifier,
  type SecretHash,
  type TokenHash,
} from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { BIRTH_VALUES, birthValues, insertAuthorization } from '../authorizations/insert-authorization.js';
import { type SessionContextRecord, toSession } from '../authorizations/session-columns.js';
import { standingColumns, standingJoins, type StandingRecord, toStanding } from '../authorizations/standing.js';
import { fromBytes, toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const COLUMNS = `device.code, device.user_code, device.client_id, device.resource, device.scopes, device.network,
  device.created_at, device.expires_at, device.poll_interval, device.decided_at, device.denial_reason,
  device.account_id, device.authenticated_at, device.approved_scopes, device.redeemed_at, device.authorization_id,
  device.sid, device.acr, device.amr`;

const BEGIN = `
  WITH begun AS (
    INSERT INTO device_authorizations (
      code, user_code, client_id, resource, scopes, network, created_at, expires_at, poll_interval)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (user_code) DO NOTHING
    RETURNING true
  ), recorded AS (${insertAuditEvent('begun', 10)})
  SELECT true FROM begun`;

const FIND_UNDECIDED = `
  SELECT ${COLUMNS} FROM device_authorizations device
   WHERE device.user_code = ANY ($1) AND device.decided_at IS NULL AND device.expires_at > $2`;

/**
 * Right-hand sides see the row as it was before, or after the poll that this one waited for. So the row itself remembers
 * how its last poll was, and the statement can say it.
 */
const POLL = `
  WITH device AS (
    UPDATE device_authorizations
       SET polled_at = $3::timestamptz,
           polled_too_soon = COALESCE(polled_at + make_interval(secs => poll_interval) > $3::timestamptz, false),
           poll_interval = poll_interval + CASE
             WHEN polled_at + make_interval(secs => poll_interval) > $3::timestamptz THEN ${SLOW_DOWN_BY} ELSE 0 END
     WHERE code = $1 AND client_id = $2
    RETURNING *
  )
  SELECT ${COLUMNS}, device.polled_too_soon, ${standingColumns('device')} FROM device ${standingJoins('device')}`;

/** Parties first, then the device: every birth takes its locks in this order. Why FOR SHARE: see standing.ts. */
const REDEEM = `
  WITH parties AS (
    SELECT true
      FROM device_authorizations device
      JOIN clients client ON client.id = device.client_id AND client.disabled_at IS NULL
      JOIN accounts account ON account.id = device.account_id AND account.disabled_at IS NULL
      JOIN resources resource ON resource.identifier = device.resource AND resource.disabled_at IS NULL
     WHERE device.code = $1
       FOR SHARE OF client, account, resource
  ), redeemed AS (
    UPDATE device_authorizations
       SET redeemed_at = $2, authorization_id = $3
     WHERE code = $1 AND decided_at IS NOT NULL AND denial_reason IS NULL AND redeemed_at IS NULL AND expires_at > $2
       AND EXISTS (SELECT FROM parties)
    RETURNING true
  ), born AS (${insertAuthorization('redeemed', 3)}), recorded AS (${insertAuditEvent('redeemed', 3 + BIRTH_VALUES)})
  SELECT true FROM redeemed`;

interface DeviceRecord extends SessionContextRecord {
  readonly code: Buffer;
  readonly user_code: Buffer;
  readonly client_id: ClientId;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly network: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly poll_interval: number;
  readonly decided_at: Date | null;
  readonly denial_reason: RefusalReason | null;
  readonly account_id: AccountId | null;
  readonly authenticated_at: Date | null;
  readonly approved_scopes: readonly string[] | null;
  readonly redeemed_at: Date | null;
  readonly authorization_id: AuthorizationId | null;
}

export class PgDeviceAuthorizationStore extends DeviceAuthorizationStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin(device: DeviceAuthorization, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(BEGIN, [
      toBytes(device.code),
      toBytes(device.userCode),
      device.clientId,
      device.resource,
      device.scopes,
      device.network,
      device.createdAt,
      device.expiresAt,
      device.interval,
      ...auditValues(audit),
    ]);
  }

  override async findUndecided(userCodes: readonly SecretHash[], now: Date): Promise<DeviceAuthorization | undefined> {
    const [record] = await this.database.query<DeviceRecord>(FIND_UNDECIDED, [userCodes.map(toBytes), now]);
    return record && toDevice(record);
  }

  override async poll(
    code: TokenHash,
    clientId: ClientId,
    now: Date,
  ): Promise<
    { readonly device: DeviceAuthorization; readonly tooSoon: boolean; readonly standing: Standing } | undefined
  > {
    const [record] = await this.database.query<DeviceRecord & StandingRecord & { readonly polled_too_soon: boolean }>(
      POLL,
      [toBytes(code), clientId, now],
    );
    return record && { device: toDevice(record), tooSoon: record.polled_too_soon, standing: toStanding(record) };
  }

  override async redeem(code: TokenHash, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.database.succeeds(REDEEM, [toBytes(code), now, ...birthValues(birth), ...auditValues(audit)]);
  }
}

function toDevice(record: DeviceRecord): DeviceAuthorization {
  const decision = decisionOf(record);
  return {
    code: fromBytes(record.code) as TokenHash,
    userCode: fromBytes(record.user_code) as SecretHash,
    clientId: record.client_id,
    resource: record.resource,
    scopes: record.scopes,
    network: record.network,
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    interval: record.poll_interval,
    ...(decision ? { decision } : {}),
    ...(record.redeemed_at && record.authorization_id
      ? { redeemed: { at: record.redeemed_at, authorizationId: record.authorization_id } }
      : {}),
  };
}

function decisionOf(record: DeviceRecord): DeviceDecision | undefined {
  const { decided_at, denial_reason, account_id, authenticated_at, approved_scopes } = record;
  if (!decided_at) return undefined;
  if (denial_reason) return { approved: false, reason: denial_reason };
  if (!account_id || !authenticated_at || !approved_scopes) return undefined;
  return {
    approved: true,
    accountId: account_id,
    authenticatedAt: authenticated_at,
    ...toSession(record),
    scopes: approved_scopes,
  };
}
