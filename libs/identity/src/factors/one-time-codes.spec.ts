import { describe, expect, it } from '@jest/globals';
import { base32, codeOf, enrolmentUri, stepOfCode } from './one-time-codes.js';

const secret = Buffer.from('12345678901234567890');
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('one-time codes', () => {
  it('are those of RFC 6238, Appendix B', () => {
    // The appendix has eight digits; six are the last of them.
    const vectors = [
      [59, '287082'],
      [1111111109, '081804'],
      [1111111111, '050471'],
      [1234567890, '005924'],
      [2000000000, '279037'],
      [20000000000, '353130'],
    ] as const;
    for (const [time, code] of vectors) expect(codeOf(secret, Math.floor(time / 30))).toBe(code);
  });

  it('are known half a minute early and late, and not longer', () => {
    const code = codeOf(secret, 10);
    for (const time of [270, 300, 329, 359]) expect(stepOfCode(secret, code, at(time))).toBe(10);
    for (const time of [269, 360]) expect(stepOfCode(secret, code, at(time))).toBeUndefined();
  });

  it('are typed with spaces, and are nothing else than six digits', () => {
    const code = codeOf(secret, 10);
    expect(stepOfCode(secret, ` ${code.slice(0, 3)} ${code.slice(3)}`, at(300))).toBe(10);
    for (const text of ['', '000000 or', code.slice(1), `${code}0`, '١٢٣٤٥٦', code.padStart(9, '0')])
      expect(stepOfCode(secret, text, at(300))).toBeUndefined();
  });

  it('come from a key that apps can read, with names that cannot leave their place', () => {
    expect(base32(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    const uri = new URL(enrolmentUri(secret, 'id.example', 'anna?secret=MZXW6YTBOI&x=#/../'));
    expect(uri.searchParams.getAll('secret')).toEqual(['GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ']);
    expect(uri.hash).toBe('');
  });
});
