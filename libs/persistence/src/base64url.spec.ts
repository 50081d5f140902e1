import { newSecret, tokenHash } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { fromBytes, toBytes } from './base64url.js';

describe('hashes as bytes', () => {
  it('come back as they were, in 32 bytes', () => {
    const hash = tokenHash(newSecret('ghc_'));
    expect(toBytes(hash)).toHaveLength(32);
    expect(fromBytes(toBytes(hash))).toBe(hash);
  });

  it.each(['AB', 'a b', 'a+/', 'abcd=', 'not a hash!'])(
    'are not made from %j, which another text could equal',
    (text) => {
      expect(() => toBytes(text)).toThrow(TypeError);
    },
  );
});
