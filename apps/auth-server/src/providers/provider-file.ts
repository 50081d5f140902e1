import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ProviderDeclaration, providerDeclaration } from '@gatehouse/identity';
import { z } from 'zod';
import { UnusableProviders } from './unusable-providers.js';

/** Secrets may lie in files of their own, so that the declaration can be kept with other configuration. */
const entry = providerDeclaration.extend({ secret_files: z.record(z.string(), z.string().min(1)).optional() });

const providerFile = z.strictObject({ providers: z.array(entry).max(1000) }).superRefine(({ providers }, context) => {
  const ids = providers.map(({ id }) => id);
  for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index)))
    context.addIssue({ code: 'custom', message: `${id} is declared twice` });
});

/**
 * The declarations of a file; what `secret_files` names is read, relative to it.
 * @throws UnusableProviders with every problem
 */
export function parseProviderFile(text: string, path: string): readonly ProviderDeclaration[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnusableProviders('The file is not JSON.');
  }
  const result = providerFile.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map(({ path: place, message }) => `${place.join('.') || 'file'}: ${message}`);
    throw new UnusableProviders(`The file is not usable:\n${problems.join('\n')}`);
  }
  return result.data.providers.map(({ secret_files: files, ...declaration }) => {
    if (files === undefined) return declaration;
    const read = Object.entries(files).map(([name, file]) => [name, secretOf(resolve(dirname(path), file))] as const);
    return { ...declaration, secrets: { ...declaration.secrets, ...Object.fromEntries(read) } };
  });
}

function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new UnusableProviders(`${file} cannot be read.`);
  }
}
