/**
 * npm leaves out of the lock file an optional platform package that the registry in use does not serve, and
 * `npm ci` then calls the lock file out of date. This adds the missing entries: exact version, os, cpu and libc, but
 * no hash, as the file could not be had. Run it after every change of dependencies: `npm run lock:complete`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}
interface LockFile {
  packages: Record<string, LockedPackage>;
}

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Where Node would find `name` when the package at `from` asks for it, walking up the nested node_modules. */
function reachable(packages: LockFile['packages'], from: string, name: string): boolean {
  for (let at = from; at; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at}/node_modules/${name}`]) return true;
  }
  return packages[`node_modules/${name}`] !== undefined;
}

/** What the package's name says about the machine it is for; undefined when it says nothing. */
function platformEntry(name: string, version: string): LockedPackage | undefined {
  const parts = name.split(/[-/]/);
  const os = parts.filter((part) => OS.includes(part));
  const cpu = parts.filter((part) => CPU.includes(part));
  if (os.length === 0 && cpu.length === 0) return undefined;
  const libc = parts.includes('musl') ? ['musl'] : parts.includes('gnu') ? ['glibc'] : [];
  return {
    version,
    optional: true,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  };
}

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8')) as LockFile;
const { packages } = lock;
let added = 0;
for (const [from, owner] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    if (reachable(packages, from, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const entry = platformEntry(name, version);
    if (!entry) {
      console.warn(`skipped ${name} ${version} of ${from}: its name does not say which platform it is for`);
      continue;
    }
    if (owner.dev) entry.dev = true;
    packages[`node_modules/${name}`] = entry;
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: added ${String(added)} entries`);
