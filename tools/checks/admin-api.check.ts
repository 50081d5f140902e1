/**
 * docs/admin-api.json: the description of the administration API, made from the schemas that the server reads requests
 * with. `--write` writes it; without, the check fails when it is not current.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, WORKSPACE } from '../build/bundle.ts';
import { generatedDocument } from './generated-document.ts';

// Inside the workspace, so that what is not bundled is found in node_modules.
const out = join(WORKSPACE, 'dist', `admin-api-${String(process.pid)}`);
try {
  await bundle({ description: join(WORKSPACE, 'apps/auth-server/src/admin/description.ts') }, out);
  const { ADMINISTRATION_API: api } = (await import(pathToFileURL(join(out, 'description.js')).href)) as {
    readonly ADMINISTRATION_API: { readonly paths: object };
  };
  const note = `${String(Object.keys(api.paths).length)} addresses`;
  await generatedDocument('docs/admin-api.json', JSON.stringify(api), note);
} finally {
  await rm(out, { recursive: true, force: true });
}
