import { parseArgs } from 'node:util';
import { UnusablePolicy } from './unusable-policy.js';

export const USAGE = `access list
access apply <file> [--dry-run]     the whole policy, as JSON; - reads standard input
access explain --account <username> --client <client id> --resource <identifier>
access groups list <username>
access groups add <username> local/<name>
access groups remove <username> local/<name>
--json answers in JSON. See docs/operating-access.md.`;

export type AccessCommand = { readonly json: boolean } & (
  | { readonly verb: 'list' }
  | { readonly verb: 'apply'; readonly file: string; readonly dryRun: boolean }
  | { readonly verb: 'explain'; readonly account: string; readonly client: string; readonly resource: string }
  | { readonly verb: 'groups'; readonly account: string }
  | { readonly verb: 'join' | 'leave'; readonly account: string; readonly group: string }
);

const OPTIONS = {
  json: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  account: { type: 'string' },
  client: { type: 'string' },
  resource: { type: 'string' },
} as const;

/** @throws UnusablePolicy with the usage */
export function parseAccessCommand(args: readonly string[]): AccessCommand {
  const { values, positionals } = read(args);
  const { json, 'dry-run': dryRun, account, client, resource } = values;
  const asked = [account, client, resource].filter((each) => each !== undefined).length;
  const words = positionals.join(' ');
  if (words === 'explain' && account !== undefined && client !== undefined && resource !== undefined && !dryRun)
    return { verb: 'explain', account, client, resource, json };
  if (asked > 0) throw misused();
  const [verb, subject, ...more] = positionals;
  if (verb === 'apply' && subject !== undefined && more.length === 0) return { verb, file: subject, dryRun, json };
  if (dryRun) throw misused();
  if (words === 'list') return { verb: 'list', json };
  if (verb !== 'groups') throw misused();
  const [username, group, ...rest] = more;
  if (username === undefined || rest.length > 0) throw misused();
  if (subject === 'list' && group === undefined) return { verb: 'groups', account: username, json };
  if (group === undefined || (subject !== 'add' && subject !== 'remove')) throw misused();
  return { verb: subject === 'add' ? 'join' : 'leave', account: username, group, json };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw misused();
  }
}

function misused(): UnusablePolicy {
  return new UnusablePolicy(`usage:\n${USAGE}`);
}
