import type {
  AccessRule,
  AppliedPolicy,
  Explanation,
  Loss,
  Obstacle,
  PolicyPerson,
  RuleMiss,
  RuleTrust,
} from '@gatehouse/authorization-server';
import type { AccountId } from '@gatehouse/protocol';

export type Names = ReadonlyMap<AccountId, string>;

const TRUST: Readonly<Record<RuleTrust, string>> = {
  any: '',
  verified: ' that is verified',
  'pre-registered': ' that is pre-registered',
};

const MISS: Readonly<Record<RuleMiss, string>> = {
  other_resource: 'it is about another resource',
  other_account: 'the rule does not name this account',
  not_in_group: 'the account is in none of its groups',
  other_client: 'the rule does not name this client',
  client_not_verified: 'the client is not verified',
  client_not_pre_registered: 'the client is not pre-registered',
};

const OBSTACLE: Readonly<Record<Obstacle, string>> = {
  unknown_account: 'there is no such account',
  disabled_account: 'the account is disabled',
  unknown_client: 'there is no such client',
  disabled_client: 'the client is disabled',
  client_not_allowed: 'the settings of the server refuse the client',
  unknown_resource: 'there is no such resource',
  disabled_resource: 'the resource is disabled',
};

/** Who, through what: the restrictions of a rule in words. */
function conditions({ groups, accounts, clients, clientTrust }: AccessRule, names: Names): string {
  const people = [
    ...(groups ? [`in ${groups.join(' or ')}`] : []),
    ...(accounts ? [`named ${accounts.map((id) => names.get(id) ?? `(gone: ${id})`).join(' or ')}`] : []),
  ];
  const who = people.length === 0 ? 'everybody' : `whoever is ${people.join(' and ')}`;
  const through = clients ? clients.join(' or ') : 'any client';
  return `${who}, through ${through}${TRUST[clientTrust]}`;
}

export function rulesText(rules: readonly AccessRule[], names: Names): string {
  if (rules.length === 0) return 'no rules: only what was granted by name counts';
  return rules
    .map((rule) => `${rule.id}\n  ${rule.resource}\n  ${rule.scopes.join(' ')}\n  ${conditions(rule, names)}`)
    .join('\n');
}

export function appliedText({ changes, losses }: AppliedPolicy, dryRun: boolean): string {
  const would = dryRun ? 'would be ' : '';
  const lines = changes.map(({ id, kind }) => `${id}: ${would}${kind}`);
  if (lines.length === 0) return 'nothing changes';
  const taken = losses.length === 0 ? 'takes nothing from anybody' : `takes something from ${people(losses)}:`;
  return [...lines, taken, ...losses.slice(0, MOST_SHOWN).map(lossLine), ...more(losses)].join('\n');
}

const MOST_SHOWN = 200;

function lossLine({ username, resource, scopes, through }: Loss): string {
  const still = through === 'some clients' ? ' (through some clients; others keep it)' : '';
  return `  ${username}: ${scopes.join(' ')} at ${resource}${still}`;
}

function people(losses: readonly Loss[]): string {
  const count = new Set(losses.map(({ username }) => username)).size;
  return count === 1 ? '1 person' : `${String(count)} people`;
}

function more(losses: readonly Loss[]): readonly string[] {
  return losses.length > MOST_SHOWN ? [`  and ${String(losses.length - MOST_SHOWN)} more; --json has all`] : [];
}

export function explanationText(
  explanation: Explanation,
  asked: { readonly account: string; readonly client: string; readonly resource: string },
  person: PolicyPerson | undefined,
  names: Names,
): string {
  const { client, obstacles, judgements, entitled, scopes, included, askable } = explanation;
  const groups = person && person.groups.length > 0 ? person.groups.join(' ') : 'none';
  const rules = judgements.flatMap(({ rule, misses }) => {
    const verdict = misses.length === 0 ? `matches: ${rule.scopes.join(' ')}` : 'does not match';
    return [
      `rule ${rule.id}: ${verdict}`,
      `  for ${conditions(rule, names)}`,
      ...misses.map((miss) => `  ${MISS[miss]}`),
    ];
  });
  return [
    `account ${asked.account}; groups: ${groups}`,
    `client ${asked.client}: ${client.trust}`,
    `resource ${asked.resource}`,
    ...(rules.length === 0 ? ['no rule is about this resource'] : rules),
    `granted by name: ${entitled.join(' ') || 'nothing'}`,
    ...obstacles.map((each) => `nothing may be handed on: ${OBSTACLE[each]}`),
    `result: ${scopes.join(' ') || 'nothing'}`,
    ...(included.length > 0 ? [`  which includes ${included.join(' ')}`] : []),
    ...(askable ? [`  of which the client may ask for ${askable.join(' ')}`] : []),
  ].join('\n');
}
