import { hash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseKeyEncryptionKeys } from './key-encryption-keys.js';

const line = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

describe('parseKeyEncryptionKeys', () => {
  it('reads random keys in their order, with or without a last line break', () => {
    const keys = [randomBytes(32), randomBytes(32)];
    expect(parseKeyEncryptionKeys(keys.map(line).join('\n')).map(line)).toEqual(keys.map(line));
    expect(parseKeyEncryptionKeys(`\r\n${keys.map(line).join('\r\n')}\r\n\r\n`).map(line)).toEqual(keys.map(line));
  });

  it('never takes a random key for a weak one', () => {
    for (let n = 0; n < 2000; n += 1) expect(parseKeyEncryptionKeys(line(randomBytes(32)))).toHaveLength(1);
  });

  it.each([
    ['nothing', '', 'there is no key'],
    ['blank lines', '\n \n', 'there is no key'],
    ['a short key', line(randomBytes(31)), 'line 1 is not 32 bytes in base64url (43 characters)'],
    ['a long key', line(randomBytes(33)), 'line 1 is not 32 bytes in base64url (43 characters)'],
    ['plain base64', '+'.repeat(43), 'line 1 is not 32 bytes in base64url (43 characters)'],
    ['padding', `${line(randomBytes(32))}=`, 'line 1 is not 32 bytes in base64url (43 characters)'],
    ['zeros', line(Buffer.alloc(32)), 'line 1 is a pattern, not random'],
    ['one byte', line(Buffer.alloc(32, 7)), 'line 1 is a pattern, not random'],
    ['a short pattern', line(Buffer.from('0123456789'.repeat(4)).subarray(0, 32)), 'line 1 is a pattern, not random'],
    ['counting', line(Uint8Array.from({ length: 32 }, (_, index) => index)), 'line 1 is a pattern, not random'],
    ['counting down', line(Uint8Array.from({ length: 32 }, (_, i) => 255 - 3 * i)), 'line 1 is a pattern, not random'],
    ['a sentence', line(Buffer.from('The quick brown fox jumps over !')), 'line 1 is readable text, not random'],
    ['the hash of a word', line(hash('sha256', 'changeme', 'buffer')), 'line 1 is a known value, not random'],
  ])('refuses %s', (_, text, problem) => {
    expect(() => parseKeyEncryptionKeys(text)).toThrow(new TypeError(problem));
  });

  it('refuses two spellings of one key', () => {
    const key = line(randomBytes(32));
    // The last character of 43 carries two unused bits.
    const other = key.slice(0, -1) + String.fromCharCode(key.charCodeAt(42) + 1);
    expect(() => parseKeyEncryptionKeys(`${key}\n${key}`)).toThrow(new TypeError('line 2 repeats another line'));
    expect(() => parseKeyEncryptionKeys(`${key}\n${other}`)).toThrow(TypeError);
  });

  it('names all bad lines and quotes none', () => {
    const secret = line(randomBytes(31));
    const problem = (): unknown => parseKeyEncryptionKeys(`${secret}\n${line(randomBytes(32))}\n${secret}`);
    expect(problem).toThrow(/line 1 .*; line 3 /);
    expect(problem).not.toThrow(new RegExp(secret));
  });
});
