import { createHmac, randomInt } from 'node:crypto';
import type { AccountId } from '@gatehouse/protocol';

/** Nothing that is mistaken for something else. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const COUNT = 10;
const LENGTH = 16;
const CODE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);

/**
 * Codes on paper for the day on which the phone is gone, each good once. 80 random bits, so a fast hash does; under a key of the
 * server, so that a copy of the database cannot be searched for one, nor one of a thief's own be written into it.
 */
export class RecoveryCodes {
  /** @param keys newest first: the first makes, all know */
  constructor(private readonly keys: readonly Uint8Array[]) {}

  /** Shown once, as they are here. */
  issue(accountId: AccountId): { readonly codes: readonly string[]; readonly hashes: readonly string[] } {
    const [key] = this.keys;
    if (!key) throw new TypeError('no key for recovery codes');
    const codes = Array.from({ length: COUNT }, () =>
      Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(''),
    );
    return {
      codes: codes.map((code) => (code.match(/.{4}/g) ?? []).join('-')),
      hashes: codes.map((code) => hashOf(key, accountId, code)),
    };
  }

  /** One for each key; none for what cannot be a code. */
  hashesOf(accountId: AccountId, typed: string): readonly string[] {
    const code = typed.toUpperCase().replace(/[\s-]/g, '');
    if (!CODE.test(code)) return [];
    return this.keys.map((key) => hashOf(key, accountId, code));
  }
}

/** With the account: a hash copied to another account is worth nothing there. */
function hashOf(key: Uint8Array, accountId: AccountId, code: string): string {
  return createHmac('sha256', key).update(`${accountId}:${code}`).digest('base64url');
}
