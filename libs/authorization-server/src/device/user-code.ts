import type { SecretHash } from '@gatehouse/protocol';
import { createHmac, randomInt } from 'node:crypto';
import type { KeyVault } from '../keys/key-vault.js';

/** Consonants: no word comes out, and none is taken for a digit or another. @spec RFC 8628 §6.1 */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const CODE = new RegExp(`^[${ALPHABET}]{${String(LENGTH)}}$`);

/**
 * The code that a person reads from a device and types into a browser: 20^8 > 2^34 of them, each equally likely.
 *
 * Why nobody guesses one: an account has ten tries in a quarter of an hour (user-code-attempts.ts), and a code lives ten
 * minutes. With one code waiting those ten tries hit with a probability of 10 / 2.56·10^10, less than 1 in 10^9; with a
 * thousand codes waiting, and a thousand accounts in the attacker's hands, less than 1 in 2000 a quarter of an hour. And
 * what a hit gives is somebody else's device that acts for the guesser, not the other way round.
 *
 * So short a text cannot be protected by a plain hash. It is stored under a key that the database does not hold.
 */
export class UserCodes {
  constructor(private readonly vault: KeyVault) {}

  newCode(): string {
    const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
  }

  /** The form in which `code` is stored. */
  hash(code: string): SecretHash {
    const [hash] = this.candidates(code);
    if (hash === undefined) throw new TypeError('user codes need a key');
    return hash;
  }

  /**
   * The forms in which what a person typed may be stored: one a key, newest first. Case, spaces and hyphens do not count.
   * Empty for what can be no code.
   */
  candidates(typed: string): readonly SecretHash[] {
    const letters = readable(typed);
    if (letters === undefined) return [];
    return this.vault
      .derive('device-user-code')
      .map((key) => createHmac('sha256', key).update(letters).digest('base64url') as SecretHash);
  }
}

function readable(typed: string): string | undefined {
  if (typed.length > 100) return undefined;
  const letters = typed.replace(/[\s\p{Pd}._]/gu, '').toUpperCase();
  return CODE.test(letters) ? letters : undefined;
}
