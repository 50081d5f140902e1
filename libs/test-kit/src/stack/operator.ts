/** The operator's command of the stack's auth-server, as it lies beside the server in production. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { type Stack, workspaceRoot } from './stack.js';

export interface CommandAnswer {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `clients <args>`, with `input` on standard input. */
export function clientsCommand(stack: Stack, args: readonly string[], input = ''): Promise<CommandAnswer> {
  return operatorCommand(stack, 'clients', args, input);
}

/** `providers <args>`, with `input` on standard input. */
export function providersCommand(stack: Stack, args: readonly string[], input = ''): Promise<CommandAnswer> {
  return operatorCommand(stack, 'providers', args, input);
}

/** `access <args>`, with `input` on standard input. */
export function accessCommand(stack: Stack, args: readonly string[], input = ''): Promise<CommandAnswer> {
  return operatorCommand(stack, 'access', args, input);
}

/** `registration-tokens <args>` */
export function registrationTokensCommand(stack: Stack, args: readonly string[]): Promise<CommandAnswer> {
  return operatorCommand(stack, 'registration-tokens', args, '');
}

async function operatorCommand(
  stack: Stack,
  command: string,
  args: readonly string[],
  input: string,
): Promise<CommandAnswer> {
  const environment = stack.environment?.['auth-server'];
  if (!environment) throw new Error('the stack file does not say how auth-server was started');
  const child = spawn(process.execPath, [join(workspaceRoot(), `dist/apps/auth-server/${command}.js`), ...args], {
    cwd: workspaceRoot(),
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined).end(input);
  const [exitCode, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, output, errors };
}
