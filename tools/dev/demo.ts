/**
 * `npm run demo`: a real MCP client against the running stack. The story is in apps/auth-server-e2e/src/demo, for it
 * shares the page driver with the end-to-end tests; this builds it and hands over. `--browser` lets you sign in yourself.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WORKSPACE } from '../build/bundle.ts';
import { buildStale } from './builds.ts';

await buildStale(['auth-server-e2e']);
await import(pathToFileURL(join(WORKSPACE, 'dist/apps/auth-server-e2e/demo.js')).href);
