import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { readSecretFile } from './secret-file.js';

describe('readSecretFile', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'secret-')), 'secret');
  writeFileSync(path, 'hunter2\n', { mode: 0o600 });

  it('reads a file of the owner alone, without the line break at its end', () => {
    chmodSync(path, 0o600);
    expect(readSecretFile('KEY_FILE', path)).toBe('hunter2');
    chmodSync(path, 0o400);
    expect(readSecretFile('KEY_FILE', path)).toBe('hunter2');
  });

  it.each([0o640, 0o604, 0o620, 0o644, 0o777])('refuses a file that others may use (mode %i)', (mode) => {
    chmodSync(path, mode);
    const read = (): string => readSecretFile('KEY_FILE', path);
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/KEY_FILE names a file that others may read/);
    expect(read).not.toThrow(/hunter2/);
  });

  it('says which variable names a file that is not there', () => {
    expect(() => readSecretFile('KEY_FILE', `${path}.missing`)).toThrow(/KEY_FILE names a file that cannot be read/);
  });
});
