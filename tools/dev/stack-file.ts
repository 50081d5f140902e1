/**
 * Tells tools where the stack is, while it runs. It names passwords, so only its owner may read it; it appears whole,
 * and goes when the stack stops. The file `running` beside it keeps a second stack out of the same folder.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from './postgres.ts';

export interface StackFile {
  readonly issuer: string;
  /** Identifiers of the protected MCP endpoints. */
  readonly resources: readonly string[];
  readonly accounts: readonly { readonly username: string; readonly password: string }[];
  /** A resource server's credentials; under both spellings, as tools expect one or the other. */
  readonly introspection: {
    readonly endpoint: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly client_id: string;
    readonly client_secret: string;
  };
  readonly metrics: Readonly<Record<string, string>>;
  readonly database: string;
  /** What each application was started with, so that a test can start a second one. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pids: Readonly<Record<string, number>>;
}

export const stackFileOf = (dir: string): string => join(dir, 'stack.json');

export function writeStackFile(dir: string, stack: StackFile): string {
  const file = stackFileOf(dir);
  const aside = `${file}.${String(process.pid)}`;
  writeFileSync(aside, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, file);
  return file;
}

/**
 * The folder is ours until the result is called.
 * @throws Error in words for people when another stack has it
 */
export function occupy(dir: string): () => void {
  const file = join(dir, 'running');
  try {
    mkdirSync(dir, { recursive: true });
    for (;;) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = Number(readFileSync(file, 'utf8'));
        if (isStack(owner))
          throw new Error(
            `A stack already runs in ${dirname(dir)} (process ${String(owner)}). Stop it there with Ctrl-C first.`,
            { cause: error },
          );
        rmSync(file, { force: true });
        rmSync(stackFileOf(dir), { force: true });
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new Error(`${dir} belongs to another user: start as that user, or remove it`, { cause: error });
  }
  return () => {
    rmSync(stackFileOf(dir), { force: true });
    rmSync(file, { force: true });
  };
}

/** After a crash and a restart of the machine, the number may be someone else's: where the system tells, we look. */
function isStack(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('tools/dev/');
  } catch {
    return true;
  }
}
