import { type ClientDeclaration, clientDeclaration, declaredClient } from '@gatehouse/authorization-server';
import { OAuthError } from '@gatehouse/protocol';
import { z } from 'zod';
import { UnusableClients } from './unusable-clients.js';

const clientFile = z
  .strictObject({ clients: z.array(clientDeclaration).max(10_000) })
  .superRefine(({ clients }, context) => {
    const ids = clients.map(({ client_id }) => client_id);
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index)))
      context.addIssue({ code: 'custom', message: `${id} is declared twice` });
  });

/**
 * The declarations of a file, all of them usable: nothing is applied of a file in which anything is wrong.
 * @throws UnusableClients with every problem
 */
export function parseClientFile(text: string, redirectSchemes: readonly string[]): readonly ClientDeclaration[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnusableClients('The file is not JSON.');
  }
  const result = clientFile.safeParse(json);
  if (!result.success) throw new UnusableClients(`The file is not usable:\n${problemsOf(result.error, json)}`);
  requireRedirectUris(result.data.clients, redirectSchemes);
  return result.data.clients;
}

/** One declaration, made of command line options. @throws UnusableClients with every problem */
export function parseDeclaration(value: unknown, redirectSchemes: readonly string[]): ClientDeclaration {
  const result = clientDeclaration.safeParse(value);
  if (!result.success) throw new UnusableClients(`The client is not usable:\n${problemsOf(result.error, value)}`);
  requireRedirectUris([result.data], redirectSchemes);
  return result.data;
}

function problemsOf({ issues }: z.ZodError, json: unknown): string {
  return issues.map(({ path, message }) => `${placeOf(path, json)}: ${message}`).join('\n');
}

/** With the id of the client, where one stands there: nobody counts to the seventeenth entry. */
function placeOf(path: readonly PropertyKey[], json: unknown): string {
  const [list, index, ...rest] = path;
  if (list !== 'clients' || typeof index !== 'number') return path.map(String).join('.') || 'file';
  const entry = (json as { readonly clients?: readonly unknown[] }).clients?.[index];
  const id = typeof entry === 'object' && entry !== null && 'client_id' in entry ? entry.client_id : undefined;
  const name = typeof id === 'string' ? id.slice(0, 100) : `client ${String(index + 1)}`;
  return [name, ...rest.map(String)].join(': ');
}

function requireRedirectUris(declarations: readonly ClientDeclaration[], redirectSchemes: readonly string[]): void {
  const problems = declarations.flatMap((declaration) => {
    try {
      declaredClient(declaration, redirectSchemes);
      return [];
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return [`${declaration.client_id}: redirect_uris: not acceptable (${error.reason})`];
    }
  });
  if (problems.length > 0) throw new UnusableClients(`The file is not usable:\n${problems.join('\n')}`);
}
