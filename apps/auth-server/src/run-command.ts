import { failureText } from '@gatehouse/platform';
import { UnusableAccountsCommand } from './accounts/accounts-command.js';
import { UnusablePolicy } from './access/unusable-policy.js';
import { UnusableClients } from './clients/unusable-clients.js';
import { UnusableProviders } from './providers/unusable-providers.js';
import { UnusableTokensCommand } from './registration/tokens-command.js';
import { UnusableSeed } from './seed/seed-input.js';

/** A command that does its work and ends: 0, or 1 with the reason in words on standard error. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

function reasonOf(error: unknown): string {
  const mendable = [
    UnusableAccountsCommand,
    UnusablePolicy,
    UnusableProviders,
    UnusableSeed,
    UnusableClients,
    UnusableTokensCommand,
  ].some((kind) => error instanceof kind);
  return mendable ? (error as Error).message : failureText(error);
}
