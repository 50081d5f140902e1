import { describe, expect, it } from '@jest/globals';
import { newSecret, sameHash, tokenHash } from './token-secret.js';

describe('secrets', () => {
  it('carry 256 random bits behind their prefix', () => {
    const secrets = Array.from({ length: 1000 }, () => newSecret('ghc_'));
    expect(new Set(secrets).size).toBe(1000);
    for (const secret of secrets) expect(secret).toMatch(/^ghc_[A-Za-z0-9_-]{43}$/);
  });

  it('are stored as a hash that does not show them', () => {
    const secret = newSecret('ghs_');
    expect(tokenHash(secret)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(tokenHash(secret)).toBe(tokenHash(secret));
    expect(tokenHash(secret)).not.toBe(tokenHash(secret.toUpperCase()));
  });

  it('are compared whole', () => {
    expect(sameHash('abc', 'abc')).toBe(true);
    expect(sameHash('abc', 'abd')).toBe(false);
    expect(sameHash('abc', 'ab')).toBe(false);
    expect(sameHash('', '')).toBe(true);
  });
});
