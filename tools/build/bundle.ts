/** How workspace code is bundled, for applications and for tools that must load a part of it. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
/** Bundled: own files, other libs by their alias, and the compiler's decorator helpers. */
const INSIDE = /^(\.|\/|\0|@gatehouse\/|@oxc-project\/runtime)/;

/** Packages that another one loads by itself if they are there. */
const LOADED_BY: Readonly<Record<string, readonly string[]>> = { bullmq: ['ioredis'] };

/** `input` maps the name of each entry to its source; `out` is replaced as a whole. @throws Error on any warning */
export async function bundle(input: Readonly<Record<string, string>>, out: string): Promise<void> {
  const build = await rolldown({
    cwd: WORKSPACE,
    input: { ...input },
    platform: 'node',
    tsconfig: join(WORKSPACE, 'tsconfig.base.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    external: (id) => !isAbsolute(id) && !INSIDE.test(id),
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  // Written aside and then moved: whoever starts the application never meets half a build.
  const aside = `${out}.${String(process.pid)}`;
  try {
    const { output } = await build.write({
      dir: aside,
      format: 'esm',
      sourcemap: true,
      keepNames: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    });
    const own = new Set(output.map(({ fileName }) => fileName));
    const imports = output
      .flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []))
      .filter((id) => !own.has(id) && !isBuiltin(id));
    await writeFile(join(aside, 'package.json'), await manifestOf(imports));
    await replace(out, aside);
  } finally {
    await build.close();
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * What is bundled, as a package of its own: with the packages that it loads, in the versions of this workspace, and
 * nothing else. An image installs these.
 */
async function manifestOf(imports: readonly string[]): Promise<string> {
  const workspace = JSON.parse(await readFile(join(WORKSPACE, 'package.json'), 'utf8')) as {
    version: string;
    engines: Record<string, string>;
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const { version, engines } = workspace;
  const known = { ...workspace.devDependencies, ...workspace.dependencies };
  const loaded = imports.map(packageOf);
  const names = [...new Set(loaded.flatMap((name) => [name, ...(LOADED_BY[name] ?? [])]))].sort();
  const unknown = names.filter((name) => known[name] === undefined);
  if (unknown.length > 0) throw new Error(`not in package.json: ${unknown.join(', ')}`);
  const dependencies = Object.fromEntries(names.map((name) => [name, known[name]]));
  const manifest = { private: true, version, type: 'module', engines, dependencies };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function packageOf(id: string): string {
  return id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');
}

async function replace(out: string, aside: string): Promise<void> {
  for (;;) {
    await rm(out, { recursive: true, force: true });
    try {
      await rename(aside, out);
      return;
    } catch (error) {
      // Another build of the same was faster by a moment; the last one wins.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}
