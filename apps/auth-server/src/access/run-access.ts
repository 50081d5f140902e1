import { readFile } from 'node:fs/promises';
import {
  AccessPolicy,
  type AccessPolicyStore,
  type AccessRule,
  type ClientStore,
  type ClientTrustPolicy,
  explainAccess,
  type GroupOutcome,
  type ResourceStore,
} from '@gatehouse/authorization-server';
import { normaliseUsername } from '@gatehouse/identity';
import type { ClientId, Clock, ResourceIdentifier } from '@gatehouse/protocol';
import type { AccessCommand } from './access-command.js';
import { appliedText, explanationText, type Names, rulesText } from './access-words.js';
import { parsePolicyFile } from './policy-file.js';
import { UnusablePolicy } from './unusable-policy.js';

export interface AccessParts {
  readonly store: AccessPolicyStore;
  readonly resources: ResourceStore;
  readonly clients: ClientStore;
  readonly trust: ClientTrustPolicy;
  readonly clock: Clock;
  /** Account of the system that runs the command. */
  readonly operator: string;
  readonly standardInput: () => Promise<string>;
}

export interface AccessAnswer {
  readonly output: string;
  /** For standard error. */
  readonly warnings: readonly string[];
}

/** @throws UnusablePolicy; nothing was changed then */
export async function runAccess(command: AccessCommand, parts: AccessParts): Promise<AccessAnswer> {
  const policy = new AccessPolicy(parts);
  switch (command.verb) {
    case 'list': {
      const { rules, names } = await policy.list();
      const output = command.json ? { rules: rules.map((rule) => declarationOf(rule, names)) } : undefined;
      return answered(output ? jsonOf(output) : rulesText(rules, names));
    }
    case 'apply': {
      const text = command.file === '-' ? await parts.standardInput() : await textFile(command.file);
      const applied = await policy.apply(parsePolicyFile(text), { dryRun: command.dryRun });
      if ('problems' in applied) throw new UnusablePolicy(`The policy is not usable:\n${applied.problems.join('\n')}`);
      const { changes, losses, warnings } = applied;
      const told = { changes: changes.map(({ id, kind }) => ({ id, change: kind })), takes: losses };
      const output = command.json ? jsonOf(told) : appliedText(applied, command.dryRun);
      return { output, warnings };
    }
    case 'explain':
      return explained(command, policy, parts);
    case 'groups': {
      const person = await policy.person(usernameOf(command.account));
      if (!person) throw new UnusablePolicy(OUTCOME.unknown_account);
      const names = person.groups.length > 0 ? person.groups.join('\n') : 'in no group';
      return answered(command.json ? jsonOf(person.groups) : names);
    }
    case 'join':
    case 'leave': {
      const outcome = await policy[command.verb](usernameOf(command.account), command.group);
      if (outcome !== 'changed' && outcome !== 'unchanged') throw new UnusablePolicy(OUTCOME[outcome]);
      const { account, group } = command;
      return answered(command.json ? jsonOf({ account, group, outcome }) : `${account}: ${group}: ${outcome}`);
    }
  }
}

const OUTCOME: Readonly<Record<Exclude<GroupOutcome, 'changed' | 'unchanged'>, string>> = {
  unknown_account: 'there is no such account',
  not_local:
    'only groups called local/<name> can be changed here, in lower case letters, digits, dots, underscores, hyphens',
};

async function explained(
  command: Extract<AccessCommand, { verb: 'explain' }>,
  policy: AccessPolicy,
  { resources, clients, trust }: AccessParts,
): Promise<AccessAnswer> {
  const identifier = command.resource as ResourceIdentifier;
  const clientId = command.client as ClientId;
  const { rules, names } = await policy.list();
  const person = await policy.person(usernameOf(command.account));
  const explanation = explainAccess({
    person,
    clientId,
    client: await clients.find(clientId),
    resource: (await resources.list()).find((each) => each.identifier === identifier),
    identifier,
    rules,
    trust,
  });
  if (!command.json) return answered(explanationText(explanation, command, person, names));
  const { judgements, client, ...rest } = explanation;
  return answered(
    jsonOf({
      groups: person?.groups ?? [],
      client_trust: client.trust,
      rules: judgements.map(({ rule, misses }) => ({
        ...declarationOf(rule, names),
        matches: misses.length === 0,
        misses,
      })),
      ...rest,
    }),
  );
}

/** A rule as a file declares it. */
function declarationOf({ id, resource, scopes, groups, accounts, clients, clientTrust }: AccessRule, names: Names) {
  return {
    id,
    resource,
    scopes,
    ...(groups ? { groups } : {}),
    ...(accounts ? { accounts: accounts.map((each) => names.get(each) ?? each) } : {}),
    ...(groups || accounts ? {} : { everybody: true }),
    ...(clients ? { clients } : {}),
    client_trust: clientTrust,
  };
}

function usernameOf(text: string): string {
  return normaliseUsername(text) ?? text;
}

function answered(output: string): AccessAnswer {
  return { output, warnings: [] };
}

async function textFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UnusablePolicy(`${file} cannot be read`);
  }
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
