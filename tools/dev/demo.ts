/**
 * `npm run demo`: a real MCP client against the running stack. The story is in apps/auth-server-e2e/src/demo, for it
 * shares the page driver with the end-to-end tests; this builds it and hands over. `--browser` lets you sign in yourself,
 * `--compose` visits the deployment of docker/compose.yaml in place of `npm start`.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WORKSPACE } from '../build/bundle.ts';
import { buildStale } from './builds.ts';
import { runAgainstCompose } from './compose.ts';

const STORY = join(WORKSPACE, 'dist/apps/auth-server-e2e/demo.js');

await buildStale(['auth-server-e2e']);
const args = process.argv.slice(2);
if (args.includes('--compose')) {
  const others = args.filter((arg) => arg !== '--compose');
  process.exitCode = await runAgainstCompose([STORY, ...others]);
} else await import(pathToFileURL(STORY).href);
