/**
 * What the tests of a kind need beside the code: a throw-away PostgreSQL, a Redis where the machine has one, and the
 * whole stack on free ports. Started when first asked for, stopped at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { type Stack, startStack } from './stack.ts';

/** A test deployment hammers from one address; the tests of the limits start replicas with limits of their own. */
const WIDE = '1000000/60';
const WIDE_LIMITS = {
  SIGN_IN_LIMIT_PER_ACCOUNT_AND_NETWORK: WIDE,
  SIGN_IN_LIMIT_PER_ACCOUNT: WIDE,
  SIGN_IN_LIMIT_PER_NETWORK: WIDE,
  REGISTRATION_LIMIT_PER_NETWORK: WIDE,
  AUTHORIZATION_LIMIT_PER_NETWORK: WIDE,
  TOKEN_FAILURE_LIMIT: WIDE,
  TOKEN_LIMIT: WIDE,
};

export class TestServices {
  readonly #say: (line: string) => void;
  readonly #stops: (() => Promise<void>)[] = [];
  #postgres: Promise<string> | undefined;
  #redis: Promise<string | undefined> | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** URL of a superuser. TEST_DATABASE_URL names a server of your own. */
  postgres(): Promise<string> {
    this.#postgres ??= this.#startPostgres();
    return this.#postgres;
  }

  /** REDIS_URL, or a server of ours; undefined where there is none. */
  redis(): Promise<string | undefined> {
    this.#redis ??= this.#startRedis();
    return this.#redis;
  }

  /** A whole stack in a database of its own; its logs stay when the tests failed. */
  async stack(): Promise<{ readonly stack: Stack; readonly stop: (keepLogs: boolean) => Promise<void> }> {
    const url = new URL(await this.postgres());
    const name = `e2e_${randomBytes(6).toString('hex')}`;
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    url.pathname = `/${name}`;

    const dir = mkdtempSync(join(tmpdir(), 'gatehouse-e2e-'));
    const stack = await startStack({
      dir,
      ports: {},
      databaseUrl: url.href,
      // Nothing but what a process needs: a developer's settings must not change what is tested.
      inherit: Object.fromEntries(['PATH', 'HOME', 'TMPDIR'].map((variable) => [variable, process.env[variable]])),
      settings: { 'auth-server': WIDE_LIMITS },
    });
    let stopped = false;
    const stop = async (keepLogs: boolean): Promise<void> => {
      await stack.stop();
      if (stopped) return;
      stopped = true;
      if (keepLogs) this.#say(`The logs of the stack are in ${join(dir, 'logs')}`);
      else rmSync(dir, { recursive: true, force: true });
    };
    this.#stops.push(() => stop(true));
    return { stack, stop };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #startPostgres(): Promise<string> {
    const given = process.env['TEST_DATABASE_URL']?.trim();
    if (given) return given;
    const server = await startPostgres({ settings: { max_connections: 400 } });
    this.#stops.push(() => server.stop());
    return server.url();
  }

  async #startRedis(): Promise<string | undefined> {
    const given = process.env['REDIS_URL']?.trim();
    if (given) return given;
    const program = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((dir) => join(dir, 'redis-server'))
      .find((file) => existsSync(file));
    if (program === undefined) {
      this.#say(
        'NO REDIS: redis-server is not on the PATH and REDIS_URL is not set; tests of queues on Redis are skipped',
      );
      return undefined;
    }
    const port = await freePort();
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(program, flags, { cwd: tmpdir(), stdio: 'ignore', detached: true });
    child.unref();
    this.#stops.push(() => ended(child));
    return `redis://127.0.0.1:${String(port)}`;
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve();
      return;
    }
    child.ref();
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGTERM');
  });
}
