import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import { union } from '@gatehouse/scopes';
import { type ClientTrustPolicy, clientTrust } from '../clients/client-trust.js';
import type { KnownClient } from '../authorizations/lineage.js';
import type { AccessRule } from './access-rule.js';

/** Who asks, through what, for what. */
export interface AccessQuestion {
  readonly account: { readonly id: AccountId; readonly groups: readonly string[] };
  readonly client: QuestionedClient;
  readonly resource: ResourceIdentifier;
}

export interface QuestionedClient {
  /** Undefined: one that no rule names. */
  readonly id: ClientId | undefined;
  readonly trust: 'unverified' | 'verified' | 'pre-registered';
}

/** What of a rule is not met. */
export type RuleMiss =
  | 'other_resource'
  | 'other_account'
  | 'not_in_group'
  | 'other_client'
  | 'client_not_verified'
  | 'client_not_pre_registered';

export interface RuleJudgement {
  readonly rule: AccessRule;
  /** Everything that is not met; empty: the rule matches. */
  readonly misses: readonly RuleMiss[];
}

export interface AccessDecision {
  readonly judgements: readonly RuleJudgement[];
  /** Entitlements of the account at the resource, and the scopes of all rules that match. */
  readonly scopes: readonly string[];
}

/**
 * The policy in words. Where tokens are concerned the database answers the same question, in the statement that reads the
 * grant (libs/persistence/src/access); a spec asks both with rules at random and compares.
 */
export function decideAccess(
  rules: readonly AccessRule[],
  entitled: readonly string[],
  question: AccessQuestion,
): AccessDecision {
  const judgements = rules.map((rule) => ({ rule, misses: missesOf(rule, question) }));
  const matching = judgements.filter(({ misses }) => misses.length === 0);
  return { judgements, scopes: union(entitled, ...matching.map(({ rule }) => rule.scopes)) };
}

function missesOf(rule: AccessRule, { account, client, resource }: AccessQuestion): readonly RuleMiss[] {
  const misses: readonly (readonly [RuleMiss, boolean])[] = [
    ['other_resource', rule.resource !== resource],
    ['other_account', rule.accounts !== undefined && !rule.accounts.includes(account.id)],
    ['not_in_group', rule.groups !== undefined && !rule.groups.some((group) => account.groups.includes(group))],
    ['other_client', rule.clients !== undefined && (client.id === undefined || !rule.clients.includes(client.id))],
    ['client_not_verified', rule.clientTrust === 'verified' && client.trust === 'unverified'],
    ['client_not_pre_registered', rule.clientTrust === 'pre-registered' && client.trust !== 'pre-registered'],
  ];
  return misses.flatMap(([miss, applies]) => (applies ? [miss] : []));
}

/** What rules may trust a client to be. Whoever is refused gets nothing anywhere; no rule makes up for that. */
export function questionedClient(trust: ClientTrustPolicy, client: KnownClient): QuestionedClient {
  const { id, origin } = client;
  if (clientTrust(trust, client) !== 'verified') return { id, trust: 'unverified' };
  return { id, trust: origin === 'pre-registered' ? 'pre-registered' : 'verified' };
}
