import { readFile } from 'node:fs/promises';
import {
  type ClientDeclaration,
  type PreRegistration,
  type PreRegistrationResult,
  representation,
  type ResourceStore,
  unknownInRules,
  unknownScopes,
} from '@gatehouse/authorization-server';
import type { ClientId } from '@gatehouse/protocol';
import { clientTable } from './client-table.js';
import { parseClientFile, parseDeclaration } from './client-file.js';
import type { ClientsCommand } from './clients-command.js';
import { UnusableClients } from './unusable-clients.js';

export interface ClientsParts {
  readonly operator: PreRegistration;
  readonly resources: ResourceStore;
  readonly redirectSchemes: readonly string[];
  readonly standardInput: () => Promise<string>;
}

export interface ClientsAnswer {
  /** For standard output: the only place at which a secret is ever shown. */
  readonly output: string;
  /** For standard error. */
  readonly warnings: readonly string[];
  readonly succeeded: boolean;
}

const FAILED: Partial<Record<PreRegistrationResult['outcome'], string>> = {
  taken: 'the id is taken by a client that no operator registered, or is there already',
  unknown: 'there is no such client',
  not_secret: 'the client has no secret',
};

/** @throws UnusableClients; nothing was changed then */
export async function runClients(command: ClientsCommand, parts: ClientsParts): Promise<ClientsAnswer> {
  const { operator } = parts;
  switch (command.verb) {
    case 'list': {
      const clients = await operator.list();
      return answered(command.json ? jsonOf(clients.map(representation)) : clientTable(clients));
    }
    case 'show': {
      const client = (await operator.list()).find(({ id }) => id === command.id);
      if (!client) throw new UnusableClients(`${command.id}: ${FAILED.unknown ?? ''}`);
      return answered(jsonOf(representation(client)));
    }
    case 'disable':
      return told(command.json, [await operator.disable(command.id as ClientId)]);
    case 'enable':
      return told(command.json, [await operator.enable(command.id as ClientId)]);
    case 'rotate-secret':
      return told(command.json, [await operator.rotateSecret(command.id as ClientId, command.overlap)]);
    case 'create': {
      const jwks = command.jwksFile === undefined ? {} : { jwks: await jsonFile(command.jwksFile) };
      const declaration = parseDeclaration({ ...defined(command.declaration), ...jwks }, parts.redirectSchemes);
      return told(command.json, [await operator.create(declaration)], await nameWarnings([declaration], parts));
    }
    case 'apply': {
      const text = command.file === '-' ? await parts.standardInput() : await textFile(command.file);
      const declarations = parseClientFile(text, parts.redirectSchemes);
      const results: PreRegistrationResult[] = [];
      for (const declaration of declarations) results.push(await operator.apply(declaration));
      return told(command.json, results, await nameWarnings(declarations, parts));
    }
  }
}

function answered(output: string): ClientsAnswer {
  return { output, warnings: [], succeeded: true };
}

function told(
  json: boolean,
  results: readonly PreRegistrationResult[],
  warnings: readonly string[] = [],
): ClientsAnswer {
  const failures = results.flatMap(({ id, outcome }) => {
    const why = FAILED[outcome];
    return why === undefined ? [] : [`${id}: ${why}`];
  });
  const output = json
    ? jsonOf(
        results.map(({ id, outcome, secret }) => ({
          client_id: id,
          outcome,
          ...(secret === undefined ? {} : { client_secret: secret }),
        })),
      )
    : results.map(lineOf).join('\n');
  return { output, warnings: [...failures, ...warnings], succeeded: failures.length === 0 };
}

function lineOf({ id, outcome, secret }: PreRegistrationResult): string {
  const line = `${id}: ${outcome.replace('_', ' ')}`;
  return secret === undefined ? line : `${line}\n  client secret, shown only now: ${secret}`;
}

async function nameWarnings(
  declarations: readonly ClientDeclaration[],
  { resources }: ClientsParts,
): Promise<readonly string[]> {
  const published = await resources.list();
  return declarations.flatMap(({ client_id, scopes = [], exchanges = [] }) => [
    ...unknownScopes(scopes, published).map((scope) => `${client_id}: no resource has the scope ${scope}`),
    ...unknownInRules(exchanges, published).map((what) => `${client_id}: exchanges: ${what}`),
  ]);
}

async function textFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UnusableClients(`${file} cannot be read`);
  }
}

async function jsonFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await textFile(file)) as unknown;
  } catch (error) {
    throw error instanceof UnusableClients ? error : new UnusableClients(`${file} is not JSON`);
  }
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
