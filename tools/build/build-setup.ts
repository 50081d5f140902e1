/** Bundles the setup step of a deployment by Docker Compose. */
import { join } from 'node:path';
import { bundle, WORKSPACE } from './bundle.ts';

await bundle({ setup: join(WORKSPACE, 'tools/compose/setup.ts') }, join(WORKSPACE, 'dist/compose'));
