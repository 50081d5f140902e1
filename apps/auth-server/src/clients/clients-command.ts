import { parseArgs } from 'node:util';
import { UnusableClients } from './unusable-clients.js';

export const USAGE = `clients list
clients show <client id>
clients create <client id> --name <text> --grant <type> --auth <method> [--scope <scope>] [--redirect-uri <uri>]
               [--jwks <file>] [--jwks-uri <url>] [--client-uri <url>] [--application-type web|native]
               [--dpop-bound]
clients apply <file>             create and change what a JSON file declares; - reads standard input
clients rotate-secret <client id> [--overlap <seconds>]   the old one stays good so long, by default a day
clients disable <client id>
clients enable <client id>
--grant, --scope and --redirect-uri may stand more than once. --json answers in JSON. See docs/operating-clients.md.`;

export const DEFAULT_OVERLAP = 86_400;
const LONGEST_OVERLAP = 90 * 86_400;

export type ClientsCommand = { readonly json: boolean } & (
  | { readonly verb: 'list' }
  | { readonly verb: 'show' | 'disable' | 'enable'; readonly id: string }
  | { readonly verb: 'rotate-secret'; readonly id: string; readonly overlap: number }
  | { readonly verb: 'apply'; readonly file: string }
  | { readonly verb: 'create'; readonly declaration: Readonly<Record<string, unknown>>; readonly jwksFile?: string }
);

const OPTIONS = {
  json: { type: 'boolean', default: false },
  name: { type: 'string' },
  grant: { type: 'string', multiple: true },
  auth: { type: 'string' },
  scope: { type: 'string', multiple: true },
  'redirect-uri': { type: 'string', multiple: true },
  jwks: { type: 'string' },
  'jwks-uri': { type: 'string' },
  'client-uri': { type: 'string' },
  'application-type': { type: 'string' },
  'dpop-bound': { type: 'boolean' },
  overlap: { type: 'string' },
} as const;

/** @throws UnusableClients with the usage */
export function parseClientsCommand(args: readonly string[]): ClientsCommand {
  const { values, positionals } = read(args);
  const [verb, subject, ...more] = positionals;
  const { json, overlap, ...members } = values;
  const declares = Object.keys(members).length > 0;
  if (more.length > 0 || (declares && verb !== 'create') || (overlap !== undefined && verb !== 'rotate-secret'))
    throw misused();
  if (verb === 'list' && subject === undefined) return { verb, json };
  if (subject === undefined) throw misused();
  switch (verb) {
    case 'show':
    case 'disable':
    case 'enable':
      return { verb, id: subject, json };
    case 'rotate-secret':
      return { verb, id: subject, overlap: secondsOf(overlap), json };
    case 'apply':
      return { verb, file: subject, json };
    case 'create': {
      const declaration = {
        client_id: subject,
        client_name: members.name,
        grant_types: members.grant,
        token_endpoint_auth_method: members.auth,
        redirect_uris: members['redirect-uri'],
        application_type: members['application-type'],
        client_uri: members['client-uri'],
        scopes: members.scope,
        jwks_uri: members['jwks-uri'],
        dpop_bound_access_tokens: members['dpop-bound'],
      };
      return { verb, declaration, json, ...(members.jwks === undefined ? {} : { jwksFile: members.jwks }) };
    }
    default:
      throw misused();
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw misused();
  }
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_OVERLAP;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= LONGEST_OVERLAP))
    throw new UnusableClients(`--overlap must be a number of seconds, ${String(LONGEST_OVERLAP)} at most`);
  return seconds;
}

function misused(): UnusableClients {
  return new UnusableClients(`usage:\n${USAGE}`);
}
