import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { isThumbprint, proofKey, thumbprint } from './proof-key.js';
import { testProofKey } from './testing/test-proof-key.js';

describe('a thumbprint', () => {
  it.each(['ES256', 'ES384', 'Ed25519'] as const)(
    'of a key for %s is the one that every library computes',
    async (alg) => {
      const { jwk } = await testProofKey(alg);
      const own = thumbprint(proofKey({ ...jwk, kid: 'x', use: 'sig', alg }, alg));
      expect(own).toBe(await calculateJwkThumbprint(jwk));
      expect(isThumbprint(own)).toBe(true);
    },
  );

  it.each(['ES256', 'Ed25519'] as const)(
    'of a key for %s is the only one: another spelling of its coordinates is no key',
    async (alg) => {
      const { jwk } = await testProofKey(alg);
      for (const name of ['x', 'y'] as const) {
        const text = jwk[name];
        if (text === undefined) continue;
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
        // The two last bits belong to no byte: a lenient reader finds the same key in four texts.
        const other = text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.at(-1) ?? '') + 1);
        expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(text, 'base64url'));
        expect(() => proofKey({ ...jwk, [name]: other }, alg)).toThrow('dpop_proof_unusable_key');
      }
      expect(() => proofKey({ ...jwk }, alg)).not.toThrow();
    },
  );

  it('is that of RFC 8037 appendix A.3', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
    expect(thumbprint(jwk)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  it('has one spelling', () => {
    const good = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
    expect(isThumbprint(good)).toBe(true);
    for (const text of [
      '',
      good.slice(1),
      `${good}A`,
      `${good}=`,
      `${good.slice(0, -1)}l`,
      `${good.slice(0, -1)}+`,
      ` ${good}`,
    ])
      expect([text, isThumbprint(text)]).toEqual([text, false]);
  });
});
