import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { challenge } from './challenge.js';

describe('challenge', () => {
  it('writes each attribute once, in order, and leaves absent ones out', () => {
    expect(challenge('Bearer', {})).toBe('Bearer');
    expect(challenge('Bearer', { error: undefined, scope: 'a b', resource_metadata: 'https://rs.example/x' })).toBe(
      'Bearer scope="a b", resource_metadata="https://rs.example/x"',
    );
  });

  it('lets no value end its quotes or the header line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(challenge('Bearer', { scope: value })).toMatch(/^Bearer scope="[\x20\x21\x23-\x5b\x5d-\x7e]*"$/);
      }),
    );
  });
});
