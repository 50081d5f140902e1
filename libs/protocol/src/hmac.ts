import { hash } from 'node:crypto';

const BLOCK = 64;

/**
 * HMAC-SHA256 by its definition, of two whole hashes. Node's own makes a key object of every key it is given as bytes,
 * which costs several times the two hashes, and a refresh needs five of them.
 * @spec RFC 2104 §2
 */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
  let length = BLOCK;
  for (const part of parts) length += part.length;
  const inner = Buffer.allocUnsafe(length);
  const outer = Buffer.allocUnsafe(BLOCK + 32);
  for (let index = 0; index < BLOCK; index += 1) {
    const byte = short[index] ?? 0;
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  let at = BLOCK;
  for (const part of parts) {
    inner.set(part, at);
    at += part.length;
  }
  outer.set(hash('sha256', inner, 'buffer'), BLOCK);
  return hash('sha256', outer, 'buffer');
}
