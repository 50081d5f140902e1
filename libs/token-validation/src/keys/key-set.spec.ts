import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseKeySet } from './key-set.js';

function jwk(kid: string, more: object = {}): object {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...publicKey.export({ format: 'jwk' }), kid, ...more };
}

describe('a published key set', () => {
  it('keeps signing keys, each for its one algorithm', () => {
    const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const keys = parseKeySet({
      keys: [jwk('a'), jwk('b', { use: 'sig', alg: 'ES256' }), { ...ed, kid: 'c' }, { ...rsa, kid: 'd', alg: 'PS256' }],
    });
    expect([...keys.values()].map(({ id, algorithm }) => [id, algorithm]).sort()).toEqual([
      ['a', 'ES256'],
      ['b', 'ES256'],
      ['c', 'EdDSA'],
      ['d', 'PS256'],
    ]);
  });

  it('leaves out what cannot verify an access token, and keeps the rest', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const keys = parseKeySet({
      keys: [
        { kty: 'oct', k: 'c2VjcmV0', kid: 'symmetric', alg: 'HS256' },
        jwk('encryption', { use: 'enc' }),
        jwk('deriving', { key_ops: ['deriveKey'] }),
        jwk('confused', { alg: 'HS256' }),
        jwk('other-curve', { alg: 'ES384' }),
        jwk(''),
        { ...jwk('x'), kid: undefined },
        { ...weak, kid: 'weak', alg: 'RS256' },
        { kty: 'EC', kid: 'broken', crv: 'P-256', x: '!', y: '!' },
        jwk('private', { d: 'AAAA' }),
        jwk('good'),
      ],
    });
    expect([...keys.keys()]).toEqual(['good']);
  });

  it('does not let a later key replace an earlier one of the same id', () => {
    const first = jwk('a');
    expect(parseKeySet({ keys: [first, jwk('a')] }).get('a')?.fingerprint).toBe(
      parseKeySet({ keys: [first] }).get('a')?.fingerprint,
    );
  });

  it.each([[null], [[]], [{}], [{ keys: 'x' }], [{ keys: [1] }]])('refuses %j as a key set', (json) => {
    expect(() => parseKeySet(json)).toThrow();
  });
});
