import { hash } from 'node:crypto';

const BLOCK = 64;

/**
 * HMAC-SHA256 by its definition, of two whole hashes. Node's own makes a key object of every key it is given as bytes,
 * which costs several times the two hashes, and a refresh needs five of them.
 * @spec RFC 2104 §2
 */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (const [index, byte] of short.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  outer.set(hash('sha256', Buffer.concat([inner, ...parts]), 'buffer'), BLOCK);
  return hash('sha256', outer, 'buffer');
}
