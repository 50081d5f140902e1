import { readFile } from 'node:fs/promises';
import {
  type AccountStore,
  normaliseUsername,
  type ProviderRegistry,
  type ProviderResult,
  SsoProblem,
} from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { parseProviderFile } from './provider-file.js';
import type { ProvidersCommand } from './providers-command.js';
import { UnusableProviders } from './unusable-providers.js';

export interface ProvidersParts {
  readonly registry: ProviderRegistry;
  readonly accounts: AccountStore;
  readonly clock: Clock;
  readonly standardInput: () => Promise<string>;
}

export interface ProvidersAnswer {
  readonly output: string;
  readonly succeeded: boolean;
}

/** @throws UnusableProviders; nothing was changed then */
export async function runProviders(command: ProvidersCommand, parts: ProvidersParts): Promise<ProvidersAnswer> {
  const { registry } = parts;
  switch (command.verb) {
    case 'list': {
      const lines = (await registry.list()).map(({ id, kind, name, domains, disabledAt }) =>
        [id, kind, disabledAt ? 'disabled' : 'active', name, domains.join(',')].join('  ').trimEnd(),
      );
      return { output: lines.length === 0 ? 'no providers' : lines.join('\n'), succeeded: true };
    }
    case 'apply': {
      const text = command.file === '-' ? await parts.standardInput() : await contentOf(command.file);
      const results: ProviderResult[] = [];
      for (const declaration of parseProviderFile(text, command.file)) results.push(await registry.apply(declaration));
      return told(results);
    }
    case 'disable':
    case 'enable':
      return told([await registry.setDisabled(command.id, command.verb === 'disable')]);
    case 'remove':
      return told([await registry.remove(command.id)]);
    case 'test':
      return probed(command.id, registry);
    case 'break-glass':
      return breakGlass(command, parts);
  }
}

async function probed(id: string, registry: ProviderRegistry): Promise<ProvidersAnswer> {
  try {
    const facts = await registry.probe(id);
    if (!facts) return told([{ id, outcome: 'unknown' }]);
    return { output: [`${id}: answers`, ...facts.map((fact) => `  ${fact}`)].join('\n'), succeeded: true };
  } catch (error) {
    if (!(error instanceof SsoProblem)) throw error;
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { output: `${id}: ${error.reason}${cause}`, succeeded: false };
  }
}

async function breakGlass(
  { username, on }: Extract<ProvidersCommand, { verb: 'break-glass' }>,
  { accounts, clock }: ProvidersParts,
): Promise<ProvidersAnswer> {
  const name = normaliseUsername(username);
  const account = name === undefined ? undefined : await accounts.findByUsername(name);
  if (!account) throw new UnusableProviders(`${username}: there is no such account`);
  const event = {
    type: 'account.changed',
    at: clock.now(),
    accountId: account.id,
    detail: { breakGlass: on },
  } as const;
  const changed = await accounts.setBreakGlass(account.id, on, event);
  if (changed || (account.breakGlass ?? false) === on)
    return { output: `${username}: break-glass ${on ? 'on' : 'off'}`, succeeded: true };
  return {
    output: `${username}: is linked to an identity provider, so it can be no break-glass account`,
    succeeded: false,
  };
}

function told(results: readonly ProviderResult[]): ProvidersAnswer {
  const lines = results.flatMap(({ id, outcome, problems = [] }) => [
    outcome === 'unknown' ? `${id}: there is no such provider` : `${id}: ${outcome}`,
    ...problems.map((problem) => `  ${problem}`),
  ]);
  const succeeded = results.every(({ outcome }) => outcome !== 'unknown' && outcome !== 'unusable');
  return { output: lines.join('\n'), succeeded };
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UnusableProviders(`${file} cannot be read.`);
  }
}
