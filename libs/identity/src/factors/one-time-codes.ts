/**
 * Time-based codes as authenticator apps show them: HMAC-SHA-1 over the half minute, six digits. That hash is what every app can;
 * what its collisions would break is not used here.
 * @spec RFC 6238 §4, §5.2; RFC 4226 §5.3
 */
import { sameHash } from '@gatehouse/protocol';
import { createHmac, randomBytes } from 'node:crypto';

const STEP_SECONDS = 30;
const DIGITS = 6;
/** As long as the hash. @spec RFC 4226 §4 (R6) */
const SECRET_BYTES = 20;
/** Half minutes before and after now: for clocks that differ, and people who type slowly. */
const WINDOW = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function newCodeSecret(): Uint8Array {
  return randomBytes(SECRET_BYTES);
}

/**
 * The step that `typed` is the code of, if it is one near `now`. All steps are looked at, so that the time says nothing.
 */
export function stepOfCode(secret: Uint8Array, typed: string, now: Date): number | undefined {
  const digits = typed.replace(/[\s-]/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const current = Math.floor(now.getTime() / 1000 / STEP_SECONDS);
  let found: number | undefined;
  // The newest first counts: an older one that is the same by chance is then spent with it.
  for (let step = current - WINDOW; step <= current + WINDOW; step++)
    if (sameHash(codeOf(secret, step), digits)) found = step;
  return found;
}

export function codeOf(secret: Uint8Array, step: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** As apps take it, by a link or typed by hand. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
}

/** For the app to read: the parameters stand there though they are what every app assumes. */
export function enrolmentUri(secret: Uint8Array, issuer: string, username: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  const parameters = new URLSearchParams({
    secret: base32(secret),
    issuer,
    algorithm: 'SHA1',
    digits: String(DIGITS),
    period: String(STEP_SECONDS),
  });
  return `otpauth://totp/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}
