/**
 * The file with the key-encryption keys: one base64url key of 32 bytes a line, newest first. It lies beside no data:
 * a database dump is worthless without it, and it is worthless without the database.
 *
 * To change the key while everything runs: add the new key as the last line on every machine and restart, then move it
 * to the first line everywhere and restart. Drop the old line when the last signing key that it sealed was withdrawn.
 */
import { type Stats, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parseKeyEncryptionKeys } from '@gatehouse/authorization-server';
import { ConfigurationError } from '@gatehouse/platform';

export const KEY_FILE_VARIABLE = 'KEY_ENCRYPTION_KEY_FILE';

const MOST_BYTES = 4096;

/**
 * @returns the keys, newest first
 * @throws ConfigurationError saying in words what is wrong with the file, never what is in it
 */
export function readKeyEncryptionKeys(path: string): readonly Uint8Array[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    throw problem('names a file that cannot be read');
  }
  try {
    // What was looked at is what is read: nobody can swap the file between the two.
    const wrong = exposure(fstatSync(file));
    if (wrong) throw problem(wrong);
    return parseKeyEncryptionKeys(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (error instanceof TypeError) throw problem(`names a file without usable keys: ${error.message}`);
    throw problem('names a file that cannot be read');
  } finally {
    closeSync(file);
  }
}

/** Who else could read the keys, or put others in their place. */
function exposure(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'does not name a file';
  if (stats.size > MOST_BYTES) return 'names a file that is too large to hold keys';
  if (process.platform === 'win32') return undefined;
  if ((stats.mode & 0o077) !== 0) return 'names a file that others may read: allow only its owner (chmod 600)';
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.()) return 'names a file that belongs to another user';
  return undefined;
}

function problem(text: string): ConfigurationError {
  return new ConfigurationError([{ variable: KEY_FILE_VARIABLE, problem: text }]);
}
