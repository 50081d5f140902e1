import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DpopNonces } from './nonces.js';

const key = new Uint8Array(32).fill(1);
const older = new Uint8Array(32).fill(2);
const at = (seconds: number) => ({ now: () => new Date(1_900_000_000_000 + seconds * 1000) });
const given = (seconds: number, keys: readonly Uint8Array[] = [key]) => new DpopNonces(keys, at(seconds));

describe('nonces', () => {
  it('of one replica are accepted by another with the same key', () => {
    expect(given(0).accepts(given(0).current())).toBe(true);
  });

  it('are good for half their lifetime at least, and never longer than it', () => {
    for (let begun = 0; begun < 300; begun += 7) {
      const nonce = given(begun).current();
      for (const later of [0, 75, 150]) expect(given(begun + later).accepts(nonce)).toBe(true);
      expect(given(begun + 300).accepts(nonce)).toBe(false);
    }
  });

  it('are accepted by a replica whose clock is a moment behind the one that made them', () => {
    for (let begun = 0; begun < 300; begun += 7) expect(given(begun - 5).accepts(given(begun).current())).toBe(true);
  });

  it('change, so that a proof cannot be made long before it is used', () => {
    expect(given(150).current()).not.toBe(given(0).current());
    expect(given(0).accepts(given(600).current())).toBe(false);
  });

  it('of a key that was replaced stay good, and new ones are made with the new key', () => {
    const before = given(0, [older]).current();
    expect(given(10, [key, older]).accepts(before)).toBe(true);
    expect(given(10, [key, older]).current()).toBe(given(10).current());
    expect(given(10).accepts(before)).toBe(false);
  });

  it('cannot be made up', () => {
    const nonce = given(0).current();
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const almost = nonce.startsWith('A') ? `B${nonce.slice(1)}` : `A${nonce.slice(1)}`;
    for (const text of ['', almost, `${nonce}=`, `${nonce}A`, nonce.slice(0, -1), ` ${nonce}`])
      expect(given(0).accepts(text)).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !given(0).accepts(text)));
  });

  it('are not made without a key, or with one that could be guessed', () => {
    expect(() => given(0, [])).toThrow();
    expect(() => given(0, [new Uint8Array(16)])).toThrow();
  });
});
