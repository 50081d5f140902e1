/** Builds the applications whose sources are newer than what is built. */
import { globSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../build/build-app.ts';
import { WORKSPACE } from '../build/bundle.ts';

/** Folders too: a file that was removed changes nothing but its folder. */
const SHARED = ['libs/*/src/**', 'tools/build/*.ts', 'tsconfig.base.json', 'package-lock.json'];
const IGNORED = /\.spec\.tsx?$|[/\\]testing[/\\]/;

/** Resolves with the names of the applications that had to be built. */
export async function buildStale(apps: readonly string[]): Promise<readonly string[]> {
  const shared = newest(SHARED);
  const stale = apps.filter((app) => builtAt(app) <= Math.max(shared, newest([`apps/${app}/src/**`])));
  await Promise.all(
    stale.map(async (app) => {
      const begun = new Date();
      await buildApp(join(WORKSPACE, 'apps', app));
      // What was edited while it was built counts as newer.
      utimesSync(stamp(app), begun, begun);
    }),
  );
  return stale;
}

const stamp = (app: string): string => join(WORKSPACE, 'dist/apps', app);

function builtAt(app: string): number {
  mkdirSync(join(WORKSPACE, 'dist/apps'), { recursive: true });
  return statSync(stamp(app), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(patterns: readonly string[]): number {
  return globSync([...patterns], { cwd: WORKSPACE })
    .filter((file) => !IGNORED.test(file))
    .reduce((latest, file) => Math.max(latest, statSync(join(WORKSPACE, file)).mtimeMs), 0);
}
