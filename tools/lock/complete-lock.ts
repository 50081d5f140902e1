// npm leaves out of the lock file an optional platform package that the registry in use does not
// serve, and `npm ci` then calls the lock file out of date. This adds the entries.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const pkgs = lock.packages;
const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const reachable = (from, name) => {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const key = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (pkgs[key]) return key;
    if (!at) return undefined;
    if (!at.includes('/node_modules/')) {
      if (pkgs[`node_modules/${name}`]) return `node_modules/${name}`;
      return undefined;
    }
  }
};
let added = 0;
for (const [from, pkg] of Object.entries(pkgs)) {
  for (const [name, version] of Object.entries(pkg.optionalDependencies ?? {})) {
    if (reachable(from, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const parts = name.split(/[-/]/);
    const entry = { version, optional: true };
    if (pkg.dev) entry.dev = true;
    const os = parts.filter((x) => OS.includes(x));
    const cpu = parts.filter((x) => CPU.includes(x));
    if (!os.length && !cpu.length) {
      console.warn('skipped', name, version, 'of', from);
      continue;
    }
    if (cpu.length) entry.cpu = cpu;
    if (os.length) entry.os = os;
    if (parts.includes('musl')) entry.libc = ['musl'];
    else if (parts.includes('gnu')) entry.libc = ['glibc'];
    pkgs[`node_modules/${name}`] = entry;
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(pkgs).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`added ${added} entries`);
