import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'ghk_';
const NONCE = 16;
const MAC = 16;
const TEXT = /^ghk_[A-Za-z0-9_-]{43}$/;

/**
 * The mark that a browser keeps of a person who signed in with it: "ghk_" base64url( nonce 16 | mac 16 ), the mac over nonce
 * and username under a key of the server. Nothing is stored, so strangers cannot fill anything. It opens no door; it only
 * has its attempts counted apart, so that strangers who use up the attempts of an account do not lock its owner out.
 */
export class KnownBrowsers {
  /** @param keys newest first: the first marks, all recognise */
  constructor(private readonly keys: readonly Uint8Array[]) {}

  /** A new one at every sign-in. `username` as normalised. */
  mark(username: string): string {
    const [key] = this.keys;
    if (!key) throw new TypeError('no key to mark browsers with');
    const nonce = randomBytes(NONCE);
    return PREFIX + Buffer.concat([nonce, macOf(key, nonce, username)]).toString('base64url');
  }

  recognises(mark: string, username: string): boolean {
    if (!TEXT.test(mark)) return false;
    const bytes = Buffer.from(mark.slice(PREFIX.length), 'base64url');
    // One spelling only: another one of the same bytes would be counted as another browser.
    if (PREFIX + bytes.toString('base64url') !== mark) return false;
    const nonce = bytes.subarray(0, NONCE);
    return this.keys.some((key) => timingSafeEqual(macOf(key, nonce, username), bytes.subarray(NONCE)));
  }
}

function macOf(key: Uint8Array, nonce: Uint8Array, username: string): Buffer {
  return createHmac('sha256', key).update(nonce).update(username).digest().subarray(0, MAC);
}
