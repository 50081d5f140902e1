import { parseArgs } from 'node:util';

export const USAGE = `registration-tokens list
registration-tokens create --label <text> [--uses <number>] [--expires <seconds>]   by default one use within a day
registration-tokens revoke <id>                                  clients that were registered with it stay
--json answers in JSON. See docs/operating-registration.md.`;

const DAY = 86_400;
const MOST_USES = 100_000;
const LONGEST_LIFE = 365 * DAY;

export type TokensCommand = { readonly json: boolean } & (
  | { readonly verb: 'list' }
  | { readonly verb: 'create'; readonly label: string; readonly uses: number; readonly lifetime: number }
  | { readonly verb: 'revoke'; readonly id: string }
);

/** What the operator can mend: said without a stack. */
export class UnusableTokensCommand extends Error {
  override readonly name = 'UnusableTokensCommand';
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  label: { type: 'string' },
  uses: { type: 'string' },
  expires: { type: 'string' },
} as const;

/** @throws UnusableTokensCommand with the usage */
export function parseTokensCommand(args: readonly string[]): TokensCommand {
  const { values, positionals } = read(args);
  const [verb, id, ...more] = positionals;
  const { json, label, uses, expires } = values;
  const given = [label, uses, expires].some((value) => value !== undefined);
  if (more.length > 0) throw misused();
  if (verb === 'list' && id === undefined && !given) return { verb, json };
  if (verb === 'revoke' && id !== undefined && !given) {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
      throw new UnusableTokensCommand('the id of a token is the one that list shows, not the token itself');
    return { verb, id, json };
  }
  if (verb !== 'create' || id !== undefined || label === undefined) throw misused();
  if (!/^[^\p{C}]{1,100}$/u.test(label)) throw new UnusableTokensCommand('--label must be 1 to 100 characters');
  return {
    verb,
    label,
    uses: numberOf('--uses', uses, 1, MOST_USES),
    lifetime: numberOf('--expires', expires, DAY, LONGEST_LIFE),
    json,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw misused();
  }
}

function numberOf(option: string, text: string | undefined, absent: number, most: number): number {
  if (text === undefined) return absent;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most)
    throw new UnusableTokensCommand(`${option} must be a number between 1 and ${String(most)}`);
  return number;
}

function misused(): UnusableTokensCommand {
  return new UnusableTokensCommand(`usage:\n${USAGE}`);
}
