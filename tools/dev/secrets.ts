/**
 * The secrets of a development stack: made at the first start, kept until `--fresh`, each in a file that only its owner
 * may read. They lie in a folder of their own: who gets hold of the database folder has ciphertext and no key.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** No letter that looks like another. 16 of them are 79 bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface StackSecrets {
  /** 32 random bytes a line, newest first; read by auth-server and worker. */
  readonly keyEncryptionKeyFile: string;
  readonly resourceServerSecretFile: string;
  readonly resourceServerSecret: string;
  readonly databasePassword: string;
  password(username: string): string;
}

export function stackSecrets(dir: string): StackSecrets {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const kept = (name: string, make: () => string): { readonly file: string; readonly value: string } => {
    const file = join(dir, name);
    if (!existsSync(file)) {
      // By rename: a crash in between must not leave half a key, which would be taken for the whole one.
      writeFileSync(`${file}.new`, `${make()}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return { file, value: readFileSync(file, 'utf8').trim() };
  };
  const token = (): string => randomBytes(32).toString('base64url');
  const resourceServer = kept('resource-server-secret', token);
  return {
    keyEncryptionKeyFile: kept('key-encryption-keys', token).file,
    resourceServerSecretFile: resourceServer.file,
    resourceServerSecret: resourceServer.value,
    databasePassword: kept('database-password', token).value,
    password: (username) => kept(`password-${username}`, typeable).value,
  };
}

/** Four groups of four: to be copied by hand if need be. */
export function typeable(): string {
  const letters = Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}
