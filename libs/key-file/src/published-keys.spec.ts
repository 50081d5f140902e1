import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseKeyEncryptionKeys } from '@gatehouse/authorization-server';
import { describe, expect, it } from '@jest/globals';

const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url));
const NOT_OURS = /(^|\/)(node_modules|dist|tmp|coverage|\.[^/]+|package-lock\.json)(\/|$)/;
/** 32 bytes in base64url: the last of 43 characters carries four bits. */
const KEY = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048](?![A-Za-z0-9_-])/g;

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(WORKSPACE, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_OURS.test(path)) return [];
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

const values = new Set(filesIn('.').flatMap((path) => readFileSync(join(WORKSPACE, path), 'utf8').match(KEY) ?? []));

/** The commonest way to a known key is to copy one from an example. */
describe('a value that stands in this repository', () => {
  it('is found at all', () => {
    expect(values.size).toBeGreaterThan(0);
  });

  it.each([...values])('is refused as a key-encryption key: %s', (value) => {
    expect(() => parseKeyEncryptionKeys(value)).toThrow(TypeError);
  });
});
