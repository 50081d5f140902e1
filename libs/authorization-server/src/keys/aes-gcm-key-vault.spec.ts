import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AesGcmKeyVault } from './aes-gcm-key-vault.js';

const CONTEXT = 'signing-key:one';

describe('AesGcmKeyVault', () => {
  const old = randomBytes(32);
  const vault = new AesGcmKeyVault([old]);

  it('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, context) => {
        expect(Buffer.from(vault.open(vault.seal(plaintext, context), context))).toEqual(Buffer.from(plaintext));
      }),
      { numRuns: 50 },
    );
  });

  it('opens on another replica with the same key', () => {
    expect(Buffer.from(new AesGcmKeyVault([old]).open(vault.seal(Buffer.from('x'), CONTEXT), CONTEXT)).toString()).toBe(
      'x',
    );
  });

  it('never seals the same value to the same text', () => {
    const sealed = new Set(Array.from({ length: 1000 }, () => vault.seal(Buffer.from('x'), CONTEXT)));
    expect(sealed.size).toBe(1000);
  });

  it('does not open under another name: a sealed key moved to another row is worthless', () => {
    const sealed = vault.seal(Buffer.from('x'), CONTEXT);
    expect(() => vault.open(sealed, 'signing-key:two')).toThrow();
    expect(() => vault.open(sealed, 'other-use:one')).toThrow();
  });

  it('does not open when any single bit was altered', () => {
    const sealed = Buffer.from(vault.seal(Buffer.from('private'), CONTEXT), 'base64url');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => vault.open(altered.toString('base64url'), CONTEXT)).toThrow();
    }
  });

  it('does not open when it was cut short', () => {
    const sealed = Buffer.from(vault.seal(Buffer.from('private'), CONTEXT), 'base64url');
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => vault.open(sealed.subarray(0, length).toString('base64url'), CONTEXT)).toThrow();
  });

  it('opens what an old key sealed while that key is still listed, and seals with the new one', () => {
    const sealedBefore = vault.seal(Buffer.from('x'), CONTEXT);
    const [next, changed] = [randomBytes(32)].map((key) => [key, new AesGcmKeyVault([key, old])] as const)[0]!;
    expect(Buffer.from(changed.open(sealedBefore, CONTEXT)).toString()).toBe('x');
    const sealedAfter = changed.seal(Buffer.from('y'), CONTEXT);
    expect(() => vault.open(sealedAfter, CONTEXT)).toThrow(/not listed/);
    expect(() => new AesGcmKeyVault([next]).open(sealedBefore, CONTEXT)).toThrow(/not listed/);
  });

  it('derives one key for each purpose and generation, the same on every replica', () => {
    const next = randomBytes(32);
    const [newest, older] = new AesGcmKeyVault([next, old]).derive('refresh-successor');
    expect(newest).toHaveLength(32);
    expect(older).toEqual(new AesGcmKeyVault([old]).derive('refresh-successor')[0]);
    expect(newest).not.toEqual(older);
    expect(vault.derive('refresh-successor')).not.toEqual(vault.derive('another purpose'));
  });

  it('is not disturbed when the caller wipes the key it was made from', () => {
    const key = Buffer.from(old);
    const made = new AesGcmKeyVault([key]);
    key.fill(0);
    expect(made.derive('a')).toEqual(vault.derive('a'));
  });

  it('refuses to work without a key or with a short one', () => {
    expect(() => new AesGcmKeyVault([])).toThrow(TypeError);
    expect(() => new AesGcmKeyVault([randomBytes(16)])).toThrow(TypeError);
  });
});
