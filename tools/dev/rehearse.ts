/** `npm run rehearse`: restarts and kills parts of the deployment of docker/compose.yaml while clients work. */
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import { buildStale } from './builds.ts';
import { runAgainstCompose } from './compose.ts';

await buildStale(['auth-server-e2e']);
process.exitCode = await runAgainstCompose([join(WORKSPACE, 'dist/apps/auth-server-e2e/rehearsal.js')]);
