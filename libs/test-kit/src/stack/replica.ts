/**
 * One more server of the running stack: same name, same database, same keys, a port of its own. For tests with
 * several replicas, other limits, or a sudden death.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ask } from '../http.js';
import { type Stack, workspaceRoot } from './stack.js';

export interface Replica {
  /** Where to connect; the issuer stays the stack's. */
  readonly origin: string;
  readonly pid: number;
  /** All it has written to its log so far. */
  log(): string;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/**
 * `environment` overrides what the stack's own auth-server was started with.
 * @throws Error with the log when it does not come up
 */
export function startReplica(
  stack: Stack,
  environment: Readonly<Record<string, string>> = {},
  port?: number,
): Promise<Replica> {
  return start(stack, { app: 'auth-server', address: environment['ISSUER'] ?? stack.issuer, environment, port });
}

/** The same for the resource server: it answers for the same resources. */
export function startResourceReplica(
  stack: Stack,
  environment: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  return start(stack, { app: 'resource-server', address: new URL(stack.resources[0]).origin, environment });
}

interface Start {
  readonly app: 'auth-server' | 'resource-server';
  /** Where clients believe it to be. */
  readonly address: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly port?: number | undefined;
}

async function start(stack: Stack, { app, address, environment, port }: Start): Promise<Replica> {
  const own = stack.environment?.[app];
  if (!own) throw new Error(`the stack file does not say how ${app} was started`);
  const listening = port ?? (await freePort());
  // The metrics listener's port is taken by the stack's own.
  const inherited = Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'METRICS_PORT'));
  const child = spawn(process.execPath, [join(workspaceRoot(), `dist/apps/${app}/main.js`)], {
    cwd: workspaceRoot(),
    env: { PATH: process.env['PATH'] ?? '', ...inherited, ...environment, PORT: String(listening) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  // A test run that is cut short must not leave a server behind.
  const guard = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', guard);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', guard);
      resolve();
    });
  });
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  const origin = `http://127.0.0.1:${String(listening)}`;
  for (const until = Date.now() + 20_000; ;) {
    const ready = await ask(`${address}/health/ready`, { via: origin }).catch(() => undefined);
    if (ready?.status === 200) break;
    if (child.exitCode !== null || Date.now() > until) {
      await end('SIGKILL')();
      throw new Error(`the replica did not come up:\n${log.slice(-4000)}`);
    }
    await pause(50);
  }
  return { origin, pid: child.pid ?? 0, log: () => log, stop: end('SIGTERM'), kill: end('SIGKILL') };
}

/** Sends each request to the next origin. */
export function alternate(origins: readonly string[]): () => string | undefined {
  let next = 0;
  return () => origins[next++ % origins.length];
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
