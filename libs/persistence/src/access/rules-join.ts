/**
 * The access policy in SQL: part of the statements that read a grant, so it costs no round trip and holds as of that moment
 * at every redemption. The same in words, for people: decideAccess in the core; a spec compares the two.
 *
 * Names are compared with `=` and nothing else: no pattern, no case folding, whatever stands in them. A group counts only
 * below the name of the provider that brought it, and only as long as the operator believes that provider.
 */
import { LOCAL_GROUPS } from '@gatehouse/authorization-server';

interface Asked {
  /** SQL of the id of an account; where it is NULL, no rule is looked at. */
  readonly account: string;
  readonly client: string;
  /** SQL of the origin of that client. */
  readonly origin: string;
  readonly resource: string;
}

/**
 * Joins one row, with `scopes` of the rules that match and `scopes_if_verified` of those that match as far as a store can
 * know; NULL where there are none. The groups are read once, and only where a rule asks for them.
 */
export function rulesJoin(alias: string, { account, client, origin, resource }: Asked): string {
  return `
    LEFT JOIN LATERAL (
      SELECT array_agg(DISTINCT scope ORDER BY scope) FILTER (WHERE rule.client_trust <> 'verified') AS scopes,
             array_agg(DISTINCT scope ORDER BY scope) FILTER (WHERE rule.client_trust = 'verified') AS scopes_if_verified
        FROM access_rules rule CROSS JOIN LATERAL unnest(rule.scopes) AS scope
       WHERE rule.resource = ${resource} AND ${account} IS NOT NULL
         AND (rule.accounts IS NULL OR ${account} = ANY (rule.accounts))
         AND (rule.clients IS NULL OR ${client} = ANY (rule.clients))
         AND (rule.client_trust IN ('any', 'verified') OR rule.client_trust = ${origin})
         AND (rule.groups IS NULL OR rule.groups && ARRAY(${groupsOf(account)}))
    ) ${alias} ON true`;
}

/** Names of the groups that count for an account. */
export function groupsOf(account: string): string {
  return `
           SELECT member.name
             FROM account_groups member
             LEFT JOIN identity_providers provider ON provider.id = member.provider_id
            WHERE member.account_id = ${account} AND starts_with(member.name, member.provider_id || '/')
              AND (member.provider_id = '${LOCAL_GROUPS}' OR (provider.id IS NOT NULL AND provider.disabled_at IS NULL))`;
}
