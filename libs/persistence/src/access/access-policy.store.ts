import { type AuditEvent } from '@gatehouse/audit';
import {
  AccessPolicyStore,
  type AccessRule,
  LOCAL_GROUPS,
  type PolicyPeople,
  type PolicyPerson,
  type PolicyReplacement,
  type RuleTrust,
} from '@gatehouse/authorization-server';
import { type AccountId, type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';
import { auditRecord, auditValues, insertAuditEvent, insertAuditEvents } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';
import { groupsOf } from './rules-join.js';

const LIST = `
  SELECT id, resource, scopes, groups, accounts, clients, client_trust FROM access_rules ORDER BY id COLLATE "C"`;

/** Whoever reads rules meanwhile sees the policy before or the one after, never a part of one. */
const LOCK = `LOCK TABLE access_rules IN SHARE ROW EXCLUSIVE MODE`;

const REPLACE = `
  WITH next AS (
    SELECT * FROM json_to_recordset($1::json)
        AS next (id text, resource text, scopes text[], groups text[], accounts uuid[], clients text[], client_trust text)
  ), gone AS (
    DELETE FROM access_rules WHERE id NOT IN (SELECT id FROM next)
  ), kept AS (
    INSERT INTO access_rules (id, resource, scopes, groups, accounts, clients, client_trust)
    SELECT id, resource, scopes, groups, accounts, clients, client_trust FROM next
    ON CONFLICT (id) DO UPDATE
       SET resource = excluded.resource, scopes = excluded.scopes, groups = excluded.groups,
           accounts = excluded.accounts, clients = excluded.clients, client_trust = excluded.client_trust
  ), events AS (
    SELECT audit FROM json_array_elements($2::json) AS audit
  ), recorded AS (${insertAuditEvents('events')})
  SELECT true`;

const PEOPLE = `
  SELECT account.id, account.username, account.disabled_at IS NOT NULL AS disabled, member_of.groups,
         COALESCE((SELECT jsonb_agg(jsonb_build_object('resource', entitlement.resource, 'scopes', entitlement.scopes)
                                    ORDER BY entitlement.resource COLLATE "C")
                     FROM entitlements entitlement WHERE entitlement.account_id = account.id), '[]') AS entitlements
    FROM accounts account
   CROSS JOIN LATERAL (
     SELECT COALESCE(array_agg(DISTINCT name COLLATE "C" ORDER BY name COLLATE "C"), '{}') AS groups
       FROM (${groupsOf('account.id')}) counted
   ) member_of`;

const ABOUT = `${PEOPLE}
   WHERE EXISTS (
     SELECT FROM json_to_recordset($1::json) AS about (accounts uuid[], groups text[])
      WHERE (about.accounts IS NULL OR account.id = ANY (about.accounts))
        AND (about.groups IS NULL OR about.groups && member_of.groups))
   ORDER BY account.username COLLATE "C"`;

const NAMED = `${PEOPLE} WHERE account.username = ANY ($1::text[]) ORDER BY account.username COLLATE "C"`;

const GROUPS = `SELECT DISTINCT name COLLATE "C" AS name FROM account_groups ORDER BY 1`;

const JOIN = `
  WITH joined AS (
    INSERT INTO account_groups (account_id, provider_id, name) VALUES ($1, '${LOCAL_GROUPS}', $2)
    ON CONFLICT DO NOTHING RETURNING true
  ), recorded AS (${insertAuditEvent('joined', 3)})
  SELECT true FROM joined`;

const LEAVE = `
  WITH gone AS (
    DELETE FROM account_groups WHERE account_id = $1 AND provider_id = '${LOCAL_GROUPS}' AND name = $2 RETURNING true
  ), recorded AS (${insertAuditEvent('gone', 3)})
  SELECT true FROM gone`;

interface RuleRecord {
  readonly id: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly groups: readonly string[] | null;
  readonly accounts: readonly AccountId[] | null;
  readonly clients: readonly ClientId[] | null;
  readonly client_trust: RuleTrust;
}

export class PgAccessPolicyStore extends AccessPolicyStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(): Promise<readonly AccessRule[]> {
    return (await this.database.query<RuleRecord>(LIST)).map(toRule);
  }

  override async replace(change: (current: readonly AccessRule[]) => PolicyReplacement): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query(LOCK);
      const { rules, audit } = change((await manager.query<RuleRecord[]>(LIST)).map(toRule));
      if (audit.length === 0) return;
      const records = rules.map(({ clientTrust, ...rule }) => ({ ...rule, client_trust: clientTrust }));
      await manager.query(REPLACE, [JSON.stringify(records), JSON.stringify(audit.map(auditRecord))]);
    });
  }

  override people(about: readonly PolicyPeople[]): Promise<readonly PolicyPerson[]> {
    const asked = about.map(({ accounts, groups }) => ({ accounts, groups }));
    return this.database.query<PolicyPerson>(ABOUT, [JSON.stringify(asked)]);
  }

  override named(usernames: readonly string[]): Promise<readonly PolicyPerson[]> {
    return this.database.query<PolicyPerson>(NAMED, [usernames]);
  }

  override async groups(): Promise<readonly string[]> {
    return (await this.database.query<{ readonly name: string }>(GROUPS)).map(({ name }) => name);
  }

  override join(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(JOIN, [accountId, group, ...auditValues(audit)]);
  }

  override leave(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(LEAVE, [accountId, group, ...auditValues(audit)]);
  }
}

function toRule(record: RuleRecord): AccessRule {
  const { id, resource, scopes, groups, accounts, clients, client_trust: clientTrust } = record;
  return {
    id,
    resource,
    scopes,
    ...(groups ? { groups } : {}),
    ...(accounts ? { accounts } : {}),
    ...(clients ? { clients } : {}),
    clientTrust,
  };
}
