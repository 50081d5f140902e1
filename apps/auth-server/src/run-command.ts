import { ConfigurationError, redactText } from '@gatehouse/platform';

/** A command that does its work and ends: 0, or 1 with the reason in words on standard error. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Configuration problems are for the operator and say enough; everything else has its stack, without secrets. */
function reasonOf(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  return redactText(error instanceof Error ? (error.stack ?? error.message) : 'The command failed.');
}
