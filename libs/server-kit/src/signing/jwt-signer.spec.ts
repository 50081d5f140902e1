import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, verify } from 'node:crypto';
import type { KeyRing } from '@gatehouse/authorization-server';
import { OAuthError } from '@gatehouse/protocol';
import { JwtService } from '@nestjs/jwt';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { JwtSigner } from './jwt-signer.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function signer(signingKey: () => Promise<unknown>): JwtSigner {
  return new JwtSigner(new JwtService(), { signingKey } as unknown as KeyRing);
}

describe('JwtSigner', () => {
  it('signs the claims as they are, with the key, algorithm and type it is told', async () => {
    const claims = { iss: 'https://auth.example', aud: 'https://tools.example', iat: 1000, exp: 1300, jti: 'x' };
    const token = await signer(async () => ({ id: 'k1', algorithm: 'ES256', privateKey })).sign(claims, 'at+jwt');
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, { currentDate: new Date(1_100_000) });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });
    expect(payload).toEqual(claims);
  });

  it('names the key of the moment in each header, not one it has signed with before', async () => {
    const keys = ['k1', 'k2', 'k1'];
    const rotating = signer(async () => ({ id: keys.shift(), algorithm: 'ES256', privateKey }));
    const kids = [];
    for (const typ of ['at+jwt', 'at+jwt', 'JWT'])
      kids.push(decodeProtectedHeader(await rotating.sign({ iss: 'https://auth.example' }, typ)));
    expect(kids.map(({ kid, typ }) => [kid, typ])).toEqual([
      ['k1', 'at+jwt'],
      ['k2', 'at+jwt'],
      ['k1', 'JWT'],
    ]);
  });

  it('keeps every letter of a claim, whatever its script', async () => {
    const claims = { iat: 1000, name: 'Ánna Ωmega 名前 \u2028 🙂', nothing: undefined };
    const token = await signer(async () => ({ id: 'k1', algorithm: 'ES256', privateKey })).sign(claims, 'JWT');
    expect((await jwtVerify(token, publicKey)).payload).toEqual({ iat: 1000, name: claims.name });
  });

  it('makes a signature of 64 bytes whatever its two numbers begin with', async () => {
    // One in 128 has a number that is shorter than 32 bytes.
    for (let turn = 0; turn < 600; turn += 1) {
      const token = await signer(async () => ({ id: 'k1', algorithm: 'ES256', privateKey })).sign({ turn }, 'JWT');
      const [head = '', body = '', signature = ''] = token.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      expect(bytes).toHaveLength(64);
      expect(
        verify('sha256', Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes),
      ).toBe(true);
    }
  });

  it('passes on that no key may sign now', async () => {
    const none = new OAuthError('temporarily_unavailable', 'keys_unavailable');
    await expect(signer(() => Promise.reject(none)).sign({}, 'at+jwt')).rejects.toBe(none);
  });
});
