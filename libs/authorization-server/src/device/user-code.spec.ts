import { describe, expect, it } from '@jest/globals';
import { TestVault } from '../testing/memory-core.js';
import { openOffered, sealOffered } from './offered-code.js';
import { UserCodes } from './user-code.js';

describe('user codes (AS-114)', () => {
  it('are eight consonants in two groups, from more than 2^34, and never the same', () => {
    const codes = new UserCodes(new TestVault());
    const made = Array.from({ length: 2000 }, () => codes.newCode());
    for (const code of made) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(new Set(made).size).toBe(made.length);
    expect(new Set(made.join('').replaceAll('-', '')).size).toBe(20);
    expect(20 ** 8).toBeGreaterThan(2 ** 34);
  });

  it('are read however a person types them', () => {
    const codes = new UserCodes(new TestVault());
    const stored = codes.hash('WDJB-MJHT');
    for (const typed of ['wdjbmjht', ' WDJB MJHT ', 'wdjb–mjht', 'W-D-J-B-M-J-H-T', 'Wdjb.Mjht'])
      expect(codes.candidates(typed)).toEqual([stored]);
  });

  it.each(['', 'WDJB-MJH', 'WDJB-MJHTT', 'WDJB-MJHA', 'WDJB-MJH1', 'ＷDJBMJHT', '<script>', 'W'.repeat(10_000)])(
    'are not what no code can be: %s',
    (typed) => {
      expect(new UserCodes(new TestVault()).candidates(typed)).toEqual([]);
    },
  );

  it('are stored under a key, and found while an older key is listed', () => {
    const vault = new TestVault();
    const codes = new UserCodes(vault);
    const old = codes.hash('WDJB-MJHT');
    vault.masters = ['newer', 'newest'];
    expect(codes.hash('WDJB-MJHT')).not.toBe(old);
    expect(codes.candidates('WDJB-MJHT')).toContain(old);
    vault.masters = ['newer'];
    expect(codes.candidates('WDJB-MJHT')).not.toContain(old);
  });

  it('wait in an interaction so that only the browser that brought them can read them', () => {
    const sealed = sealOffered('WDJB-MJHT', 'ghb_one');
    expect(openOffered(sealed, 'ghb_one')).toBe('WDJB-MJHT');
    expect(sealed).not.toContain('WDJB');
    expect(() => openOffered(sealed, 'ghb_two')).toThrow();
    expect(sealOffered('WDJB-MJHT', 'ghb_one')).not.toBe(sealed);
  });
});
