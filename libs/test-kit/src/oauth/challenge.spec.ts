import { describe, expect, it } from '@jest/globals';
import { readChallenge, readChallenges } from './challenge.js';

describe('readChallenge', () => {
  it('reads scheme and attributes', () => {
    expect(readChallenge('Bearer error="insufficient_scope", scope="a b"')).toEqual({
      scheme: 'Bearer',
      parameters: { error: 'insufficient_scope', scope: 'a b' },
    });
    expect(readChallenge('Bearer')).toEqual({ scheme: 'Bearer', parameters: {} });
  });

  it.each([undefined, '', 'Bearer a="1", a="2"', 'Bearer a=1', 'Bearer a="x\\"y"'])(
    'does not guess at %s',
    (header) => {
      expect(() => readChallenge(header)).toThrow();
    },
  );
});

describe('readChallenges', () => {
  it('keeps schemes apart, however many there are', () => {
    expect(readChallenges('Bearer scope="a b", resource_metadata="https://h/x", DPoP algs="ES256 EdDSA"')).toEqual([
      { scheme: 'Bearer', parameters: { scope: 'a b', resource_metadata: 'https://h/x' } },
      { scheme: 'DPoP', parameters: { algs: 'ES256 EdDSA' } },
    ]);
    expect(readChallenges('Bearer, DPoP error="x", algs="ES256"')).toEqual([
      { scheme: 'Bearer', parameters: {} },
      { scheme: 'DPoP', parameters: { error: 'x', algs: 'ES256' } },
    ]);
    expect(readChallenges(undefined)).toEqual([]);
  });
});
