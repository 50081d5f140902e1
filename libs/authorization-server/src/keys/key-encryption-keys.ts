/**
 * Reads the text of a key-encryption key file: one base64url key of 32 bytes a line, newest first.
 * A key that a person typed, that stands in some documentation or that a placeholder left behind would make the sealing
 * worthless, so such values are refused. No message repeats any part of a key.
 */
import { hash } from 'node:crypto';

const MOST_KEYS = 16;
/** 32 random bytes have about 30 different values; fewer than this many is no accident. */
const FEWEST_DIFFERENT_BYTES = 16;
/** What stands in documents and in this repository where 32 bytes do; a spec finds those that are missing here. */
const PUBLISHED = [
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  'w3pZ2i5VYx4Jc4qS4xDbB5F9d7r0nB0mPp3mTnq3kQ8',
  // Of RFC 8037 and RFC 9449.
  '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
];
const GUESSABLE = [
  '',
  'secret',
  'password',
  'changeme',
  'change-me',
  'gatehouse',
  'test',
  'dev',
  'key',
  'admin',
].flatMap((word) => [hash('sha256', word, 'hex'), hash('sha256', `${word}\n`, 'hex')]);

/** @throws TypeError naming every unusable line by its number */
export function parseKeyEncryptionKeys(text: string): readonly Uint8Array[] {
  const keys: Buffer[] = [];
  const problems: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const key = Buffer.from(line, 'base64url');
    const problem =
      !/^[A-Za-z0-9_-]{43}$/.test(line) || key.toString('base64url') !== line
        ? 'is not 32 bytes in base64url (43 characters)'
        : keys.some((other) => other.equals(key))
          ? 'repeats another line'
          : weakness(key);
    if (problem) problems.push(`line ${index + 1} ${problem}`);
    else keys.push(key);
  }
  if (keys.length + problems.length === 0) problems.push('there is no key');
  if (keys.length > MOST_KEYS) problems.push(`there are more than ${MOST_KEYS} keys`);
  if (problems.length > 0) throw new TypeError(problems.join('; '));
  return keys;
}

/** Why this key could be guessed. */
function weakness(key: Buffer): string | undefined {
  const steps = new Set(key.subarray(1).map((byte, index) => (byte - (key[index] ?? 0)) & 255));
  if (new Set(key).size < FEWEST_DIFFERENT_BYTES || steps.size < FEWEST_DIFFERENT_BYTES / 2)
    return 'is a pattern, not random';
  if (key.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is readable text, not random';
  if (GUESSABLE.includes(key.toString('hex')) || PUBLISHED.includes(key.toString('base64url')))
    return 'is a known value, not random';
  return undefined;
}
