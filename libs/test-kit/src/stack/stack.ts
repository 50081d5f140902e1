/**
 * Where the running house is. `npm start` writes the file and removes it at its end; GATEHOUSE_STACK names another one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface StackAccount {
  readonly username: string;
  readonly password: string;
}

export interface Stack {
  readonly issuer: string;
  /** Identifiers of the two protected MCP endpoints, invoices first. */
  readonly resources: readonly [string, string];
  /** anna may do everything, ben may not refund, write or approve. */
  readonly accounts: readonly [StackAccount, StackAccount];
  readonly introspection: { readonly endpoint: string; readonly clientId: string; readonly clientSecret: string };
  readonly database: string;
  /** What an application of the stack was started with, by its name; lets a test start a second replica. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly metrics?: Readonly<Record<string, string>>;
  readonly pids?: Readonly<Record<string, number>>;
}

export class NoStackError extends Error {
  override readonly name = 'NoStackError';
  constructor(file: string) {
    super(`No stack is running (${file} is not there). Start it with: npm start`);
  }
}

/** The folder of nx.json, from the current one upwards. */
export function workspaceRoot(from = process.cwd()): string {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (existsSync(join(at, 'nx.json'))) return at;
    if (at === dirname(at)) throw new Error(`${from} is not in the workspace`);
  }
}

export function stackFile(): string {
  return process.env['GATEHOUSE_STACK'] ?? join(workspaceRoot(), '.gatehouse', 'stack.json');
}

/** @throws NoStackError when none runs, Error when the file is not what it should be */
export function readStack(): Stack {
  const file = stackFile();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new NoStackError(file);
  }
  const stack = JSON.parse(text) as Partial<Stack>;
  for (const name of ['issuer', 'resources', 'accounts', 'introspection', 'database'] as const)
    if (stack[name] === undefined) throw new Error(`${file} has no ${name}`);
  if (stack.resources?.length !== 2 || stack.accounts?.length !== 2)
    throw new Error(`${file} must name two resources and two accounts`);
  return stack as Stack;
}
