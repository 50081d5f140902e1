import { type TokenHash, tokenHash } from '@gatehouse/protocol';
import type { OwnWords } from './resulting-client.js';

/**
 * Equal exactly for equal words, whatever order redirect URIs came in. It covers every member, so one that is added later
 * keeps clients apart that differ in it.
 */
export function fingerprint(own: OwnWords): TokenHash {
  const words = Object.entries({ ...own, redirectUris: [...own.redirectUris].sort() });
  return tokenHash(JSON.stringify(words.sort(([a], [b]) => (a < b ? -1 : 1))));
}
