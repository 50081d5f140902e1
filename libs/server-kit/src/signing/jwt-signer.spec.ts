import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyRing } from '@gatehouse/authorization-server';
import { OAuthError } from '@gatehouse/protocol';
import { JwtService } from '@nestjs/jwt';
import { jwtVerify } from 'jose';
import { JwtSigner } from './jwt-signer.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function signer(signingKey: () => Promise<unknown>): JwtSigner {
  return new JwtSigner(new JwtService({}), { signingKey } as unknown as KeyRing);
}

describe('JwtSigner', () => {
  it('signs the claims as they are, with the key, algorithm and type it is told', async () => {
    const claims = { iss: 'https://auth.example', aud: 'https://tools.example', iat: 1000, exp: 1300, jti: 'x' };
    const token = await signer(async () => ({ id: 'k1', algorithm: 'ES256', privateKey })).sign(claims, 'at+jwt');
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, { currentDate: new Date(1_100_000) });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });
    expect(payload).toEqual(claims);
  });

  it('passes on that no key may sign now', async () => {
    const none = new OAuthError('temporarily_unavailable', 'keys_unavailable');
    await expect(signer(() => Promise.reject(none)).sign({}, 'at+jwt')).rejects.toBe(none);
  });
});
