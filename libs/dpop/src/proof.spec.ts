import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createHmac } from 'node:crypto';
import type { DpopProblem } from './dpop-problem.js';
import { DpopNonces } from './nonces.js';
import { DPOP_WINDOW, type DpopRequest, verifyDpopProof } from './proof.js';
import { type ProofOf, testProofKey, type TestProofKey } from './testing/test-proof-key.js';

const url = 'https://as.example/token';
const now = new Date('2030-01-01T00:00:00Z');
const seconds = now.getTime() / 1000;

let key: TestProofKey;
beforeAll(async () => {
  key = await testProofKey();
});

const proofOf = (of: Partial<ProofOf> = {}): Promise<string> => key.proof({ url, at: now, ...of });
const verify = (proof: string | readonly string[], more: Partial<DpopRequest> = {}) =>
  verifyDpopProof({ proofs: [proof].flat(), method: 'POST', url, now, ...more });
const refused = (proof: string | readonly string[], more: Partial<DpopRequest> = {}): Promise<string> =>
  verify(proof, more).then(
    () => 'accepted',
    (problem: unknown) => (problem as DpopProblem).reason,
  );

describe('a DPoP proof', () => {
  it('of an honest client tells whose key it is, and until when to remember it', async () => {
    const proof = await proofOf({ claims: { jti: 'one' } });
    expect(await verify(proof)).toEqual({
      jkt: key.jkt,
      jti: 'one',
      issuedAt: seconds,
      usableUntil: new Date(now.getTime() + (DPOP_WINDOW + 1) * 1000),
    });
  });

  it.each(['ES256', 'ES384', 'Ed25519', 'EdDSA'])('is accepted when signed with %s', async (alg) => {
    const other = await testProofKey(alg);
    expect(await verify(await other.proof({ url, at: now }))).toMatchObject({ jkt: other.jkt });
  });

  describe('RFC 9449 §4.3 (1), (2): one header, one JWT', () => {
    it('is missed when there is none', async () => {
      expect(await refused([])).toBe('missing_dpop_proof');
    });

    it('does not come twice, not even when both are good', async () => {
      expect(await refused([await proofOf(), await proofOf()])).toBe('several_dpop_proofs');
      expect(await refused(`${await proofOf()}, ${await proofOf()}`)).toBe('malformed_dpop_proof');
    });

    it('is nothing but a compact JWS', async () => {
      const [head = '', body = '', signature = ''] = (await proofOf()).split('.');
      const texts = [
        '',
        'x',
        '..',
        `${head}.${body}`,
        `${head}.${body}.`,
        `${head}..${signature}`,
        `.${body}.${signature}`,
      ];
      texts.push(`${head}.${body}.${signature}.x.y`, `${head}.${body}.${signature}=`, ` ${head}.${body}.${signature}`);
      texts.push(`${head}.${base64url.encode('[]')}.${signature}`, `${head}.${base64url.encode('{')}.${signature}`);
      texts.push(
        `${base64url.encode('null')}.${body}.${signature}`,
        `${base64url.encode('{"typ"')}.${body}.${signature}`,
      );
      texts.push(`${head}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.${signature}`);
      for (const text of texts) expect([text, await refused(text)]).toEqual([text, 'malformed_dpop_proof']);
    });

    it('is not longer than a proof has to be', async () => {
      expect(await refused(await proofOf({ claims: { filler: 'x'.repeat(4096) } }))).toBe('malformed_dpop_proof');
    });

    it('never makes the parser fail in another way, whatever comes', async () => {
      const part = fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((text) => base64url.encode(text)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
          expect(await refused(parts.join('.'))).toMatch(/dpop/);
        }),
      );
    });

    it('never makes the parser fail in another way, whatever stands in header and claims', async () => {
      const [, , signature = ''] = (await proofOf()).split('.');
      const member = fc.oneof(
        fc.jsonValue(),
        fc.constantFrom('dpop+jwt', 'ES256', 'EdDSA', 'POST', url, seconds, key.jwk),
      );
      const names = (all: readonly string[]) =>
        fc
          .dictionary(fc.constantFrom(...all), member, { maxKeys: all.length })
          .map((it) => base64url.encode(JSON.stringify(it)));
      await fc.assert(
        fc.asyncProperty(
          names(['typ', 'alg', 'jwk', 'crit', 'b64']),
          names(['jti', 'htm', 'htu', 'iat', 'ath', 'nonce']),
          async (head, body) => {
            expect(await refused(`${head}.${body}.${signature}`)).toMatch(/dpop/);
          },
        ),
      );
    });
  });

  it.each(['jti', 'htm', 'htu', 'iat'])(
    '§4.3 (3): is refused without %s, or with nonsense in its place',
    async (name) => {
      for (const value of [undefined, null, {}, [], true, ''])
        expect(await refused(await proofOf({ claims: { [name]: value } }))).not.toBe('accepted');
      expect(await refused(await proofOf({ claims: { [name]: undefined } }))).toBe('malformed_dpop_proof');
    },
  );

  it.each([undefined, 'JWT', 'at+jwt', 'DPOP+JWT', 'application/dpop+jwt'])(
    '§4.3 (4): is refused with the type %s, so that no other token is taken for a proof',
    async (typ) => {
      expect(await refused(await proofOf({ header: { typ } }))).toBe('dpop_proof_wrong_type');
    },
  );

  describe('§4.3 (5), (6): algorithm and signature', () => {
    it('is refused unsigned, and signed with a shared key', async () => {
      const { jwk } = key;
      const head = (alg: string) => base64url.encode(JSON.stringify({ alg, typ: 'dpop+jwt', jwk }));
      const body = (await proofOf()).split('.')[1] ?? '';
      expect(await refused(`${head('none')}.${body}.`)).toBe('malformed_dpop_proof');
      expect(await refused(`${head('none')}.${body}.AA`)).toBe('dpop_proof_wrong_algorithm');
      const signed = `${head('HS256')}.${body}`;
      const mac = createHmac('sha256', JSON.stringify(jwk)).update(signed).digest('base64url');
      expect(await refused(`${signed}.${mac}`)).toBe('dpop_proof_wrong_algorithm');
    });

    it.each(['RS256', 'PS256', 'ES512'])('is refused with %s, which is not offered', async (alg) => {
      const other = await testProofKey(alg);
      expect(await refused(await other.proof({ url, at: now }))).toBe('dpop_proof_wrong_algorithm');
    });

    it('is refused when the key has another shape than the algorithm', async () => {
      const p384 = await testProofKey('ES384');
      expect(await refused(await proofOf({ header: { jwk: p384.jwk } }))).toBe('dpop_proof_unusable_key');
      const okp = await testProofKey('EdDSA');
      expect(await refused(await proofOf({ header: { jwk: okp.jwk } }))).toBe('dpop_proof_unusable_key');
      for (const alg of ['__proto__', 'constructor', 'toString', 7, null])
        expect(await refused(swapHeader(await proofOf(), { alg }))).toBe('dpop_proof_wrong_algorithm');
    });

    it('is refused when somebody else signed it: a stolen public key proves nothing', async () => {
      const thief = await testProofKey();
      const stolen = await thief.proof({ url, at: now, header: { jwk: key.jwk } });
      expect(await refused(stolen)).toBe('dpop_proof_wrong_signature');
    });

    it('is refused when a claim was changed afterwards', async () => {
      const [head = '', , signature = ''] = (await proofOf()).split('.');
      const other = (await proofOf({ claims: { jti: 'other' } })).split('.')[1] ?? '';
      expect(await refused(`${head}.${other}.${signature}`)).toBe('dpop_proof_wrong_signature');
    });

    it('is not verified with a key that the header only points to', async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
      const proof = await new SignJWT({ jti: 'a', htm: 'POST', htu: url, iat: seconds })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', kid: 'k1', jku: 'https://evil.example/jwks', x5c: ['AA'] })
        .sign(privateKey);
      expect(await refused(proof)).toBe('malformed_dpop_proof');
      const jwk = await exportJWK(publicKey);
      expect(await refused(await proofOf({ header: { jku: 'https://evil.example', jwk } }))).toBe(
        'dpop_proof_wrong_signature',
      );
    });

    it('is refused when it asks for an extension that is not understood', async () => {
      const [, body = '', signature = ''] = (await proofOf()).split('.');
      const head = { alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, crit: ['b64'], b64: false };
      expect(await refused(`${base64url.encode(JSON.stringify(head))}.${body}.${signature}`)).toBe(
        'dpop_proof_wrong_signature',
      );
    });
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])(
    '§4.3 (7): is refused when the key comes with the private member %s',
    async (name) => {
      const jwk = { ...key.jwk, [name]: key.privateJwk.d };
      expect(await refused(await proofOf({ header: { jwk } }))).toBe('dpop_proof_private_key');
    },
  );

  it('is refused with a key that is none', async () => {
    const { jwk } = key;
    const off = base64url.encode(new Uint8Array(32).fill(7));
    const short = jwk.x!.slice(0, -1);
    for (const each of [{ ...jwk, x: off }, { ...jwk, x: short }, { ...jwk, y: `${jwk.y!}=` }, { ...jwk, x: 7 }, {}])
      expect(await refused(await proofOf({ header: { jwk: each } }))).toBe('dpop_proof_unusable_key');
    for (const each of [undefined, null, 'x'])
      expect(await refused(await proofOf({ header: { jwk: each } }))).toBe('malformed_dpop_proof');
  });

  it.each(['GET', 'post', 'POST ', ''])('§4.3 (8): is refused when it was made for the method “%s”', async (method) => {
    expect(await refused(await proofOf({ method }))).toBe('dpop_proof_other_method');
  });

  describe('§4.3 (9): the address', () => {
    it.each([
      'https://as.example/par',
      'https://as.example/Token',
      'https://as.example/token/',
      'https://as.example/token%2F',
      'https://evil.example/token',
      'https://as.example.evil.example/token',
      'http://as.example/token',
      'https://as.example:8443/token',
      'https://as.example@evil.example/token',
      'https://user@as.example/token',
      'https:\\\\as.example\\token',
      'https://as.example/\ttoken',
      '//as.example/token',
      '/token',
      'token',
      'javascript:https://as.example/token',
    ])('is refused when it was made for %s', async (htu) => {
      expect(await refused(await proofOf({ claims: { htu } }))).toBe('dpop_proof_other_url');
    });

    it.each([
      'https://as.example/token?resource=x',
      'https://as.example/token#x',
      'HTTPS://AS.Example/token',
      'https://as.example:443/token',
      'https://as.example/a/../token',
      'https://as.example/%74oken',
    ])('is understood when a library writes %s', async (htu) => {
      expect(await refused(await proofOf({ claims: { htu } }))).toBe('accepted');
    });

    it('does not make a reserved character out of an encoded one', async () => {
      const resource = 'https://mcp.example/a%2fb';
      expect(await refused(await proofOf({ url: 'https://mcp.example/a/b' }), { url: resource })).toBe(
        'dpop_proof_other_url',
      );
      expect(await refused(await proofOf({ url: 'https://mcp.example/a%2Fb' }), { url: resource })).toBe('accepted');
    });
  });

  describe('§4.3 (11): the time', () => {
    const at = (offset: number) => proofOf({ at: new Date(now.getTime() + offset * 1000) });

    it.each([0, -299, -300, 299, 300])('is accepted %d seconds from our time', async (offset) => {
      expect(await refused(await at(offset))).toBe('accepted');
    });

    it('is refused when it is older, or from further ahead', async () => {
      expect(await refused(await at(-301))).toBe('dpop_proof_outdated');
      expect(await refused(await at(301))).toBe('dpop_proof_from_future');
      expect(await refused(await proofOf({ claims: { iat: -1e300 } }))).toBe('dpop_proof_outdated');
      expect(await refused(await proofOf({ claims: { iat: 1e300 } }))).toBe('dpop_proof_from_future');
    });

    it('is judged by a shorter window where one is asked for, and never by a longer one', async () => {
      expect(await refused(await at(-61), { maximumAge: 60 })).toBe('dpop_proof_outdated');
      expect(await refused(await at(-60), { maximumAge: 60 })).toBe('accepted');
      expect(await refused(await at(-301), { maximumAge: 3600 })).toBe('dpop_proof_outdated');
    });

    it('is to be remembered as long as it would be accepted, also when it is dated ahead', async () => {
      for (const offset of [-200, 0, 0.5, 300]) {
        const proof = await proofOf({ claims: { iat: seconds + offset } });
        const { usableUntil } = await verify(proof);
        expect(await refused(proof, { now: new Date(usableUntil.getTime() - 1000) })).toBe('accepted');
        expect(await refused(proof, { now: usableUntil })).toBe('dpop_proof_outdated');
      }
    });
  });

  describe('§4.3 (12): the access token', () => {
    const accessToken = 'header.payload.signature';

    it('goes with a proof made for it', async () => {
      expect(await refused(await proofOf({ accessToken }), { accessToken })).toBe('accepted');
    });

    it('does not go with a proof for another token, or for none', async () => {
      for (const other of [
        await proofOf(),
        await proofOf({ accessToken: 'another' }),
        await proofOf({ claims: { ath: '' } }),
      ])
        expect(await refused(other, { accessToken })).toBe('dpop_proof_other_token');
    });

    it('is not asked for where tokens are made', async () => {
      expect(await refused(await proofOf({ accessToken }))).toBe('accepted');
    });
  });

  describe('§4.3 (10): the nonce', () => {
    const nonces = () => new DpopNonces([new Uint8Array(32)], { now: () => now });

    it('is demanded where nonces are given, and told back', async () => {
      const nonce = nonces().current();
      expect(await verify(await proofOf({ nonce }), { nonces: nonces() })).toMatchObject({ nonce });
    });

    it('is refused when it is missing or not one of ours, in a way that a client can answer', async () => {
      expect(await refused(await proofOf(), { nonces: nonces() })).toBe('missing_dpop_nonce');
      expect(await refused(await proofOf({ nonce: 'made-up' }), { nonces: nonces() })).toBe('unknown_dpop_nonce');
      await expect(verify(await proofOf(), { nonces: nonces() })).rejects.toMatchObject({ code: 'use_dpop_nonce' });
      await expect(verify(await proofOf({ nonce: '' }), { nonces: nonces() })).rejects.toMatchObject({
        code: 'use_dpop_nonce',
      });
      await expect(verify('')).rejects.toMatchObject({ code: 'invalid_dpop_proof' });
    });

    it('does not save a proof that is wrong in another way', async () => {
      const nonce = nonces().current();
      const thief = await testProofKey();
      const forged = await thief.proof({ url, at: now, nonce, header: { jwk: key.jwk } });
      expect(await refused(forged, { nonces: nonces() })).toBe('dpop_proof_wrong_signature');
    });

    it('is not looked at where none are given', async () => {
      expect(await refused(await proofOf({ nonce: 'of another server' }))).toBe('accepted');
    });
  });

  it('with a jti that nobody could remember is refused', async () => {
    expect(await refused(await proofOf({ claims: { jti: 'x'.repeat(513) } }))).toBe('malformed_dpop_proof');
    expect(await refused(await proofOf({ claims: { jti: 'x'.repeat(512) } }))).toBe('accepted');
  });
});

function swapHeader(proof: string, members: Readonly<Record<string, unknown>>): string {
  const [head = '', ...rest] = proof.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
  return [base64url.encode(JSON.stringify({ ...header, ...members })), ...rest].join('.');
}
