/** A document that is made from the code: written with --write, else compared, so that it cannot fall behind. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { WORKSPACE } from '../build/bundle.ts';

/** Sets the exit code to 1 when the document is not what the code says. */
export async function generatedDocument(path: string, markdown: string, note: string): Promise<void> {
  const file = join(WORKSPACE, path);
  const content = await format(markdown, { ...(await resolveConfig(file)), filepath: file });
  if (process.argv.includes('--write')) {
    writeFileSync(file, content);
    console.log(`${path}: written, ${note}`);
    return;
  }
  let found: string | undefined;
  try {
    found = readFileSync(file, 'utf8');
  } catch {
    // Compared below: a document that is not there is not current either.
  }
  if (found === content) {
    console.log(`${path}: current, ${note}`);
    return;
  }
  const script = `tools/checks/${basename(process.argv[1] ?? '')}`;
  console.error(`${path} is ${found === undefined ? 'missing' : 'not current'}: node ${script} --write`);
  process.exitCode = 1;
}
