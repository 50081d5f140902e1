/**
 * Starts a PostgreSQL of our own for development and tests: loopback only, password from a file, one cluster a folder.
 * A cluster appears by rename, so half a one never looks usable. However we end, the server ends with us: a guard
 * process holds the other end of a pipe. A cluster that someone else started already is joined, not started again.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports.ts';
import { type Binaries, findBinaries, isOurs, program, type RunAs, runAs, tag, WINDOWS } from './postgres-binaries.ts';

export interface PostgresOptions {
  /** The folder of the cluster; the major version is appended. Unset: a throw-away cluster, gone after stop(). */
  readonly dir?: string;
  /** Unset: any free port. */
  readonly port?: number | undefined;
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface Postgres {
  readonly version: string;
  readonly dir: string;
  readonly port: number;
  /** Someone else runs this cluster; stop() leaves it alone. */
  readonly attached: boolean;
  readonly pid: number;
  /** As superuser. */
  url(database?: string): string;
  /** Settles when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Nothing here survives a power cut, and nothing has to. */
const THROW_AWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '512MB',
  checkpoint_timeout: '30min',
};
/** Waits for the pipe to close, then stops the server ($2) if it still runs the cluster ($1), then removes $3. */
const GUARD = `cat >/dev/null
[ "$(head -n1 "$1/postmaster.pid" 2>/dev/null)" = "$2" ] && kill -INT "$2"
[ -n "$3" ] || exit 0
tries=0; while kill -0 "$2" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$3"`;
const ATTEMPTS = 40;
/** Ctrl-C reaches us, not initdb: it ends well, and then we stop. Node does it for spawnSync too; its types do not say so. */
const OWN_GROUP: object = { detached: true };

/** @throws Error when no PostgreSQL can be found, made or started, with what it said */
export async function startPostgres({ dir, port, settings = {} }: PostgresOptions = {}): Promise<Postgres> {
  const user = runAs();
  const binaries = await findBinaries(user);
  const throwAway = dir === undefined ? temporaryFolder(user) : undefined;
  const cluster = clusterFolder(throwAway ? join(throwAway, 'postgres') : resolve(dir ?? ''), binaries, user);
  if (!existsSync(cluster)) createCluster(cluster, binaries, user);

  const data = join(cluster, 'data');
  const password = readFileSync(join(cluster, 'secret'), 'utf8').trim();
  const common = { version: binaries.version, dir: cluster };
  const urlAt = (at: number) => (database?: string) =>
    `postgres://postgres:${password}@127.0.0.1:${String(at)}/${database ?? 'postgres'}`;

  for (let attempt = 1; ; attempt++) {
    const other = postmaster(data);
    if (other?.ready) {
      const nothing = { log: () => '', stop: () => Promise.resolve(), ended: new Promise<void>(() => undefined) };
      return { ...common, ...nothing, port: other.port, pid: other.pid, attached: true, url: urlAt(other.port) };
    }
    const at = port ?? (await freePort());
    const server = spawnServer(data, binaries, user, {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      port: at,
      ...(throwAway ? THROW_AWAY : {}),
      ...settings,
    });
    while (!server.state.ended && !(postmaster(data)?.pid === server.pid && postmaster(data)?.ready)) await pause(10);
    if (server.state.ended) {
      // Someone was faster, with the cluster or with the port.
      if (attempt === ATTEMPTS) throw new Error(`PostgreSQL did not start: ${server.state.ended}\n${server.log()}`);
      await pause(250);
      continue;
    }
    const releaseGuard = guard(data, server.pid, throwAway);
    const stop = async (): Promise<void> => {
      await server.stop();
      releaseGuard();
      if (throwAway) rmSync(throwAway, { recursive: true, force: true });
    };
    const { pid, ended, log } = server;
    return { ...common, port: at, pid, attached: false, url: urlAt(at), ended, log, stop };
  }
}

/** Removes the cluster that startPostgres({ dir }) would use; it must not run. */
export async function removePostgres(dir: string): Promise<void> {
  const user = runAs();
  const cluster = clusterFolder(resolve(dir), await findBinaries(user), user);
  if (postmaster(join(cluster, 'data'))?.ready) throw new Error(`PostgreSQL still runs in ${cluster}`);
  rmSync(cluster, { recursive: true, force: true });
}

function environment(): NodeJS.ProcessEnv {
  // PGPORT, PGDATA and the like would speak of another server.
  const own = Object.entries(process.env).filter(([name]) => !/^PG[A-Z]+$/.test(name));
  return { ...Object.fromEntries(own), LC_ALL: 'C', TZ: 'UTC' };
}

function temporaryFolder(user: RunAs): string {
  const made = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  chmodSync(made, 0o755);
  if (canEnter(made, user)) return made;
  rmSync(made, { recursive: true });
  const other = mkdtempSync('/var/tmp/gatehouse-postgres-');
  chmodSync(other, 0o755);
  return other;
}

function canEnter(dir: string, user: RunAs): boolean {
  if (user.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { ...user, cwd: '/' }).status === 0;
}

/** A cluster belongs to one major version. Below a folder that the other user may not enter it moves to /var/tmp. */
function clusterFolder(dir: string, { major }: Binaries, user: RunAs): string {
  const wanted = `${dir}-${String(major)}`;
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(dirname(wanted), user)) return wanted;
  const elsewhere = `/var/tmp/gatehouse-postgres-${tag(wanted)}`;
  if (existsSync(elsewhere) && !isOurs(elsewhere, user)) throw new Error(`${elsewhere} belongs to someone else`);
  return elsewhere;
}

function createCluster(cluster: string, { bin, major }: Binaries, user: RunAs): void {
  const aside = `${cluster}.${String(process.pid)}`;
  const data = join(aside, 'data');
  const secret = join(aside, 'secret');
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  chmodSync(aside, 0o755);
  chmodSync(data, 0o700);
  writeFileSync(secret, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined)
    for (const path of [data, secret]) chownSync(path, user.uid, user.gid);
  // PostgreSQL's own sort order, the same on every machine; the libraries in the npm package are too old to rely on.
  const locale = major >= 17 ? ['--locale-provider=builtin', '--locale=C.UTF-8'] : ['--no-locale'];
  const { status, error, stderr } = spawnSync(
    program(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', secret, '-E', 'UTF8', ...locale].concat(
      '--no-sync',
      '--no-instructions',
    ),
    { ...user, ...OWN_GROUP, env: environment(), cwd: parse(aside).root, encoding: 'utf8' },
  );
  try {
    if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr}`);
    renameSync(aside, cluster);
  } catch (failure) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(cluster)) throw failure;
  }
}

/** What postmaster.pid says, read as `pg_ctl -w` reads it: line 8 is the state. */
function postmaster(
  data: string,
): { readonly pid: number; readonly port: number; readonly ready: boolean } | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' && isAlive(pid) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function spawnServer(
  data: string,
  { bin }: Binaries,
  user: RunAs,
  settings: Readonly<Record<string, string | number>>,
) {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
  const child = spawn(program(bin, 'postgres'), ['-D', data, ...flags], {
    ...user,
    env: environment(),
    cwd: parse(data).root,
    // Ctrl-C must reach the applications first, not the database.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8192)));
  const state: { ended?: string } = {};
  const ended = new Promise<void>((settle) => {
    child.once('error', (error) => {
      state.ended = error.message;
      settle();
    });
    child.once('exit', (code, signal) => {
      state.ended ??= signal ?? `exit code ${String(code)}`;
      settle();
    });
  });
  const stop = async (): Promise<void> => {
    // SIGINT ends it at once and orderly; SIGQUIT ends it anyway.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      if (state.ended) return;
      child.kill(signal);
      await Promise.race([ended, pause(10_000, undefined, { ref: false })]);
    }
    await ended;
  };
  return { pid: child.pid ?? 0, state, ended, log: () => output, stop };
}

function guard(data: string, pid: number, remove: string | undefined): () => void {
  if (WINDOWS) return () => undefined;
  const child = spawn('/bin/sh', ['-c', GUARD, 'postgres-guard', data, String(pid), remove ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.unref();
  return () => child.stdin.end();
}
