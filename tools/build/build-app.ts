/**
 * Bundles one application: workspace code goes in, npm packages stay outside and are loaded from node_modules.
 * Every entry point beside main.ts becomes a file of its own, so `node dist/apps/auth-server/migrate.js` is the
 * migration and nothing else.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const ENTRIES = ['main', 'migrate', 'seed', 'describe', 'demo'];
/** Bundled: own files, other libs by their alias, and the compiler's decorator helpers. */
const INSIDE = /^(\.|\/|\0|@gatehouse\/|@oxc-project\/runtime)/;

export async function buildApp(root: string): Promise<readonly string[]> {
  const source = resolve(workspace, root);
  const out = join(workspace, 'dist', relative(workspace, source));
  const entries = ENTRIES.filter((name) => existsSync(join(source, `src/${name}.ts`)));
  if (entries.length === 0) throw new Error(`${root} has none of ${ENTRIES.join(', ')} in src`);

  const bundle = await rolldown({
    cwd: workspace,
    input: Object.fromEntries(entries.map((name) => [name, join(source, `src/${name}.ts`)])),
    platform: 'node',
    tsconfig: join(workspace, 'tsconfig.base.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    external: (id) => !isAbsolute(id) && !INSIDE.test(id),
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  // Written aside and then moved: whoever starts the application never meets half a build.
  const aside = `${out}.${String(process.pid)}`;
  try {
    await bundle.write({
      dir: aside,
      format: 'esm',
      sourcemap: true,
      keepNames: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    });
    await rm(out, { recursive: true, force: true });
    await rename(aside, out);
  } finally {
    await bundle.close();
    await rm(aside, { recursive: true, force: true });
  }
  return entries;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (!root) throw new Error('usage: node tools/build/build-app.ts <app root>');
  const { name } = JSON.parse(await readFile(join(resolve(root), 'project.json'), 'utf8')) as { name: string };
  console.log(`${name}: ${(await buildApp(root)).join(', ')}`);
}
