import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatScope, includesAll, intersect, isScopeToken, parseScope, union } from './scope-set.js';

const token = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,20}$/);

describe('scope sets', () => {
  it('survive the way to the wire and back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(token, { maxLength: 100 }), (scopes) => {
        expect(parseScope(formatScope(scopes))).toEqual(scopes);
      }),
    );
  });

  it('are read without repeats and stray spaces, in their order', () => {
    expect(parseScope('  b a  b ')).toEqual(['b', 'a']);
    expect(parseScope('')).toEqual([]);
    expect(parseScope(undefined)).toEqual([]);
  });

  it.each(['a"b', 'a\\b', 'a\tb', 'a\nb', 'ä', 'a\u0000', 'x'.repeat(129)])(
    'are refused with a token like %j',
    (text) => {
      expect(parseScope(text)).toBeUndefined();
      expect(isScopeToken(text)).toBe(false);
    },
  );

  it('are refused when there are more than a hundred', () => {
    const scopes = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).join(' ');
    expect(parseScope(scopes(100))).toHaveLength(100);
    expect(parseScope(scopes(101))).toBeUndefined();
  });

  it('follow the laws of sets', () => {
    const set = fc.uniqueArray(token, { maxLength: 10 });
    fc.assert(
      fc.property(set, set, (a, b) => {
        const common = intersect(a, b);
        expect(includesAll(a, common) && includesAll(b, common)).toBe(true);
        expect(includesAll(union(a, b), [...a, ...b])).toBe(true);
        expect(union(a, b)).toHaveLength(a.length + b.length - common.length);
        expect(includesAll(a, b)).toBe(common.length === b.length);
      }),
    );
  });
});
