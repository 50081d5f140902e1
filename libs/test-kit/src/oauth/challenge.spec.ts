import { describe, expect, it } from '@jest/globals';
import { readChallenge } from './challenge.js';

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
