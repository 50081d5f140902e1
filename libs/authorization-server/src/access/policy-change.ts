import type { ResourceIdentifier } from '@gatehouse/protocol';
import { isDeepStrictEqual } from 'node:util';
import { decideAccess, type QuestionedClient } from './access-decision.js';
import type { PolicyPerson } from './access-policy.store.js';
import type { AccessRule } from './access-rule.js';

export interface RuleChange {
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly before?: AccessRule;
  readonly after?: AccessRule;
}

/** By the ids of rules, in their order. */
export function changesBetween(before: readonly AccessRule[], after: readonly AccessRule[]): readonly RuleChange[] {
  const were = new Map(before.map((rule) => [rule.id, rule]));
  const are = new Map(after.map((rule) => [rule.id, rule]));
  return [...new Set([...were.keys(), ...are.keys()])].sort().flatMap((id): readonly RuleChange[] => {
    const [was, is] = [were.get(id), are.get(id)];
    if (was && is) return isDeepStrictEqual(was, is) ? [] : [{ id, kind: 'changed', before: was, after: is }];
    return was ? [{ id, kind: 'removed', before: was }] : is ? [{ id, kind: 'added', after: is }] : [];
  });
}

export interface Loss {
  readonly username: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** Whether something of it remains through some other client. */
  readonly through: 'any client' | 'some clients';
}

/**
 * From whom a change takes something: asked of both policies for each person, through every client that a rule names and
 * through one of each sort that none names. A rule that goes takes nothing from whom another one gives the same.
 */
export function lossesOf(
  before: readonly AccessRule[],
  after: readonly AccessRule[],
  people: readonly PolicyPerson[],
): readonly Loss[] {
  const changed = changesBetween(before, after).flatMap(({ before: was }) => (was ? [was] : []));
  const resources = [...new Set(changed.map(({ resource }) => resource))].sort();
  return people
    .filter(({ disabled }) => !disabled)
    .flatMap((person) => resources.flatMap((resource) => lossesAt(resource, before, after, person)));
}

function lossesAt(
  resource: ResourceIdentifier,
  before: readonly AccessRule[],
  after: readonly AccessRule[],
  person: PolicyPerson,
): readonly Loss[] {
  const [were, are] = [before, after].map((rules) => rules.filter((rule) => rule.resource === resource)) as [
    AccessRule[],
    AccessRule[],
  ];
  const entitled = person.entitlements.find((each) => each.resource === resource)?.scopes ?? [];
  const has = (rules: readonly AccessRule[], client: QuestionedClient) =>
    new Set(decideAccess(rules, entitled, { account: person, client, resource }).scopes);
  const lost = new Set<string>();
  const left = new Set<string>();
  for (const client of clientsOf([...were, ...are])) {
    const now = has(are, client);
    for (const scope of has(were, client)) if (!now.has(scope)) lost.add(scope);
    for (const scope of now) left.add(scope);
  }
  const of = (through: Loss['through'], scopes: readonly string[]): readonly Loss[] =>
    scopes.length === 0 ? [] : [{ username: person.username, resource, scopes, through }];
  return [
    ...of('any client', [...lost].filter((scope) => !left.has(scope)).sort()),
    ...of('some clients', [...lost].filter((scope) => left.has(scope)).sort()),
  ];
}

function clientsOf(rules: readonly AccessRule[]): readonly QuestionedClient[] {
  const ids = [undefined, ...new Set(rules.flatMap(({ clients = [] }) => clients))];
  return ids.flatMap((id) =>
    (['unverified', 'verified', 'pre-registered'] as const).map((trust): QuestionedClient => ({ id, trust })),
  );
}
