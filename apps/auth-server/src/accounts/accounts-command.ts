/** `accounts factors reset USERNAME`: for a person who lost all that they had. Audited; the password stays as it is. */
import { type AccountStore, type FactorStore, normaliseUsername } from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';

export const USAGE = `accounts factors list <username>     second factors, and how many recovery codes are left
accounts factors reset <username>    removes all of them; make sure who is asking. See docs/operating-accounts.md.`;

/** What the operator can mend: said without a stack. */
export class UnusableAccountsCommand extends Error {
  override readonly name = 'UnusableAccountsCommand';
}

export interface AccountsParts {
  readonly accounts: AccountStore;
  readonly factors: FactorStore;
  readonly clock: Clock;
}

/** @throws UnusableAccountsCommand with the usage, or what is wrong */
export async function runAccounts(args: readonly string[], by: AccountsParts): Promise<string> {
  const [subject, verb, name, ...more] = args;
  if (subject !== 'factors' || (verb !== 'list' && verb !== 'reset') || name === undefined || more.length > 0)
    throw new UnusableAccountsCommand(`usage:\n${USAGE}`);
  const username = normaliseUsername(name);
  const account = username === undefined ? undefined : await by.accounts.findByUsername(username);
  if (!account) throw new UnusableAccountsCommand('there is no such account');
  if (verb === 'list') {
    const factors = await by.factors.list(account.id);
    const left = await by.factors.recoveryCodesLeft(account.id);
    const lines = factors.map(
      ({ id, kind, name: label, createdAt }) => `${id}  ${kind.padEnd(7)}  ${createdAt.toISOString()}  ${label}`,
    );
    return [...lines, `recovery codes left: ${String(left)}`].join('\n');
  }
  const audit = { type: 'factors.reset', at: by.clock.now(), accountId: account.id } as const;
  return (await by.factors.reset(account.id, audit)) ? 'removed' : 'there was none';
}
