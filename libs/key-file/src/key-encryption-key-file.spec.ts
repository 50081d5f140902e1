import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@gatehouse/platform';
import { readKeyEncryptionKeys } from './key-encryption-key-file.js';

describe('readKeyEncryptionKeys', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-file-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const key = randomBytes(32).toString('base64url');
  function file(content: string, mode = 0o600): string {
    const path = join(folder, randomBytes(8).toString('hex'));
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }
  function problemOf(path: string): string {
    try {
      readKeyEncryptionKeys(path);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems.map(({ problem }) => problem).join();
      throw error;
    }
    return 'none';
  }

  it('reads the keys of a file that only its owner can read, newest first', () => {
    const older = randomBytes(32).toString('base64url');
    for (const mode of [0o600, 0o400]) {
      const keys = readKeyEncryptionKeys(file(`${key}\n${older}\n`, mode));
      expect(keys.map((bytes) => Buffer.from(bytes).toString('base64url'))).toEqual([key, older]);
    }
  });

  it.each([0o640, 0o604, 0o644, 0o660, 0o606, 0o610])('refuses a file of mode %o', (mode) => {
    expect(problemOf(file(key, mode))).toMatch(/others may read/);
  });

  it('refuses a file of another user', () => {
    const path = file(key);
    if (process.geteuid?.() === 0) {
      chownSync(path, 12_345, 12_345);
      expect(problemOf(path)).toMatch(/another user/);
    } else expect(problemOf(path)).toBe('none');
  });

  it('says plainly that a file is missing, is a folder, or is far too large', () => {
    expect(problemOf(join(folder, 'missing'))).toMatch(/cannot be read/);
    expect(problemOf(folder)).toMatch(/does not name a file/);
    expect(problemOf(file('a'.repeat(5000)))).toMatch(/too large/);
  });

  it('says which line is no usable key, and repeats none', () => {
    const weak = 'A'.repeat(43);
    expect(problemOf(file(`${key}\n${weak}\n`))).toMatch(/line 2 is a pattern/);
    expect(problemOf(file(`${key}\n${weak}\n`))).not.toContain(weak);
    expect(problemOf(file(''))).toMatch(/no key/);
  });
});
