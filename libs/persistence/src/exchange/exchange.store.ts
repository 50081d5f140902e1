/**
 * Exchanges. A birth here holds the one row of its parent and no other, so it can be part of no circle of waiting; why
 * the parties are not held is said in authorizations/standing.ts: what is born has no refresh token, is looked at whenever
 * liveness is, and ends in minutes.
 */
import { type AuditEvent } from '@gatehouse/audit';
import {
  type Authorization,
  ExchangeStore,
  type ExchangeSubject,
  type ExchangeTarget,
  type FoundAuthorization,
  type ProtectedResource,
} from '@gatehouse/authorization-server';
import {
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type ResourceServerId,
} from '@gatehouse/protocol';
import { rulesJoin } from '../access/rules-join.js';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { FOUND_COLUMNS, FOUND_TABLES, type FoundRecord, toFound } from '../authorizations/found-authorization.js';
import { BIRTH_VALUES, birthValues, insertAuthorization } from '../authorizations/insert-authorization.js';
import { type Database } from '../database.js';

const SUBJECT = `
  SELECT ${FOUND_COLUMNS}, target.target_id, target.target_disabled_at, target.target_scopes, target.target_server_id,
         target_entitlement.scopes || target_ruled.scopes || target_ruled.scopes_if_verified AS target_entitled_scopes,
         (SELECT scopes FROM resources WHERE identifier = family.resource) AS source_scopes
    FROM ${FOUND_TABLES}
    LEFT JOIN (SELECT identifier AS target_id, disabled_at AS target_disabled_at, scopes AS target_scopes,
                      server_id AS target_server_id FROM resources) target
           ON target.target_id = $2
    LEFT JOIN entitlements target_entitlement
           ON target_entitlement.account_id = family.account_id AND target_entitlement.resource = $2
    LEFT JOIN (SELECT id AS exchanger_id, origin AS exchanger_origin FROM clients) exchanger ON exchanger.exchanger_id = $3
    ${rulesJoin('target_ruled', {
      account: 'family.account_id',
      client: '$3::text',
      origin: 'exchanger.exchanger_origin',
      resource: '$2',
    })}
   WHERE family.id = $1`;

/**
 * The lock makes it wait for a revocation that is under way, and look again at what that left. Not FOR SHARE: several of
 * those at once are dearer than one after the other.
 */
const DERIVE = `
  WITH RECURSIVE parent AS (
    SELECT authorizations.id, authorizations.parent_id FROM authorizations
     WHERE id = $1::uuid AND revoked_at IS NULL AND expires_at > $2::timestamptz
       FOR NO KEY UPDATE
  ), line AS (
    SELECT parent_id, revoked_at, 1 AS distance FROM authorizations WHERE id = $1::uuid
    UNION ALL
    SELECT above.parent_id, above.revoked_at, line.distance + 1
      FROM line JOIN authorizations above ON above.id = line.parent_id WHERE line.distance < 8
  ), parties AS (
    SELECT true
      FROM parent, clients client, resources resource
     WHERE client.id = $8::text AND client.disabled_at IS NULL
       AND resource.identifier = $9::text AND resource.disabled_at IS NULL
       AND ($4::uuid IS NULL OR EXISTS (SELECT FROM accounts WHERE id = $4::uuid AND disabled_at IS NULL))
       AND NOT EXISTS (SELECT FROM line WHERE revoked_at IS NOT NULL)
  ), derived AS (${insertAuthorization('parties', 3)} RETURNING true
  ), recorded AS (${insertAuditEvent('derived', BIRTH_VALUES + 3)})
  SELECT true FROM derived`;

type SubjectRecord = FoundRecord & {
  readonly source_scopes: ProtectedResource['scopes'] | null;
  readonly target_id: ResourceIdentifier | null;
  readonly target_disabled_at: Date | null;
  readonly target_scopes: ProtectedResource['scopes'] | null;
  readonly target_server_id: ResourceServerId | null;
  readonly target_entitled_scopes: readonly string[] | null;
};

export class PgExchangeStore extends ExchangeStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async subject(
    id: AuthorizationId,
    target: { readonly client: ClientId; readonly resource: ResourceIdentifier },
  ): Promise<ExchangeSubject | undefined> {
    const [record] = await this.database.query<SubjectRecord>(SUBJECT, [id, target.resource, target.client]);
    if (!record) return undefined;
    const found = toFound(record);
    return { ...found, sourceScopes: record.source_scopes ?? [], target: toTarget(record, found) };
  }

  override derive(
    derived: Authorization & { readonly parent: AuthorizationId },
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean> {
    return this.database.succeeds(DERIVE, [derived.parent, now, ...birthValues(derived), ...auditValues(audit)]);
  }
}

function toTarget(record: SubjectRecord, { authorization, standing }: FoundAuthorization): ExchangeTarget {
  const known = record.target_id !== null;
  return {
    standing: !known ? 'unknown' : record.target_disabled_at ? 'disabled' : 'active',
    ...(record.target_server_id === null ? {} : { serverId: record.target_server_id }),
    scopes: (record.target_scopes ?? []).map(({ name }) => name),
    // What a client is registered for does not ask where: it is the same list at every resource.
    entitledScopes:
      authorization.accountId === undefined
        ? standing.entitledScopes
        : [...new Set(record.target_entitled_scopes ?? [])],
  };
}
