/**
 * Bundles one application: workspace code goes in, npm packages stay outside and are loaded from node_modules.
 * Every entry point beside main.ts becomes a file of its own, so `node dist/apps/auth-server/migrate.js` is the
 * migration and nothing else.
 */
import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, WORKSPACE } from './bundle.ts';

const ENTRIES = [
  'main',
  'migrate',
  'seed',
  'clients',
  'access',
  'registration-tokens',
  'providers',
  'accounts',
  'describe',
  'demo',
  'rehearsal',
];

/** Resolves with the names of the entry points. */
export async function buildApp(root: string): Promise<readonly string[]> {
  const source = resolve(WORKSPACE, root);
  const entries = ENTRIES.filter((name) => existsSync(join(source, `src/${name}.ts`)));
  if (entries.length === 0) throw new Error(`${root} has none of ${ENTRIES.join(', ')} in src`);
  await bundle(
    Object.fromEntries(entries.map((name) => [name, join(source, `src/${name}.ts`)])),
    join(WORKSPACE, 'dist', relative(WORKSPACE, source)),
  );
  return entries;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (!root) throw new Error('usage: node tools/build/build-app.ts <app root>');
  console.log(`${basename(root)}: ${(await buildApp(root)).join(', ')}`);
}
