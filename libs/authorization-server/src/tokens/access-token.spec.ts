import { describe, expect, it } from '@jest/globals';
import { base64url, decodeProtectedHeader, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { grantedTokens, ISSUER, memoryCore, TestAccessTokenKeys } from '../testing/memory-core.js';
import { AccessTokenReader } from './access-token.js';

async function house() {
  const core = memoryCore();
  return { core, ...(await grantedTokens(core)) };
}

describe('an access token', () => {
  it('carries what RFC 9068 asks for, and one audience byte for byte', async () => {
    const { core, client, resource, person, authorizationId, tokens } = await house();
    const now = Math.floor(core.clock.now().getTime() / 1000);
    expect(decodeProtectedHeader(tokens.access_token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });
    expect(await core.accessTokens.read(tokens.access_token)).toEqual({
      iss: ISSUER,
      sub: person.accountId,
      aud: resource.identifier,
      client_id: client.id,
      scope: 'invoices:read invoices:write',
      iat: now,
      exp: now + 300,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      auth_time: now,
      acr: 'urn:gatehouse:acr:1fa',
      amr: ['pwd'],
      grant_id: authorizationId,
    });
  });

  it('is read until its end, and not at it', async () => {
    const { core, tokens } = await house();
    core.clock.advance(299);
    expect(await core.accessTokens.read(tokens.access_token)).toBeDefined();
    core.clock.advance(1);
    expect(await core.accessTokens.read(tokens.access_token)).toBeUndefined();
  });

  it('is not read by another issuer with the same keys', async () => {
    const { core, tokens } = await house();
    const other = new AccessTokenReader({ issuer: `${ISSUER}/`, clock: core.clock, keys: new TestAccessTokenKeys() });
    expect(await other.read(tokens.access_token)).toBeUndefined();
  });

  it('is not read when forged, whatever its header says', async () => {
    const { core, tokens } = await house();
    const claims = (await core.accessTokens.read(tokens.access_token))!;
    const signed = (header: { alg: string; typ?: string; kid?: string }, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT({ ...claims }).setProtectedHeader(header).sign(key);
    const [head = '', body = '', signature = ''] = tokens.access_token.split('.');
    const stranger = await generateKeyPair('ES256');
    const publicKey = await new TestAccessTokenKeys().verificationKey('k1' as never);
    const asSecret = new TextEncoder().encode(await exportSPKI(publicKey!));
    const none = base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'k1' }));
    const widened = base64url.encode(JSON.stringify({ ...claims, scope: 'invoices:refund' }));
    const forgeries = [
      await signed({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' }, stranger.privateKey),
      await signed({ alg: 'ES256', typ: 'at+jwt', kid: 'k2' }, stranger.privateKey),
      await signed({ alg: 'ES256', typ: 'at+jwt' }, stranger.privateKey),
      await signed({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }, asSecret),
      `${none}.${body}.`,
      `${head}.${widened}.${signature}`,
      `${head}.${body}.`,
      tokens.access_token.slice(0, -2),
      '',
      'a.b.c',
      tokens.refresh_token!,
    ];
    for (const forgery of forgeries) expect(await core.accessTokens.read(forgery)).toBeUndefined();
  });

  it('is not confused with another token signed by our own key', async () => {
    const { core, tokens } = await house();
    const claims = (await core.accessTokens.read(tokens.access_token))!;
    expect(await core.accessTokens.read(await core.signer.sign(claims, 'at+jwt'))).toEqual(claims);
    expect(await core.accessTokens.read(await core.signer.sign(claims, 'JWT'))).toBeUndefined();
    const withoutGrant = { ...claims, grant_id: undefined };
    expect(await core.accessTokens.read(await core.signer.sign(withoutGrant, 'at+jwt'))).toBeUndefined();
    expect(
      await core.accessTokens.read(await core.signer.sign({ ...claims, aud: [claims.aud] }, 'at+jwt')),
    ).toBeUndefined();
  });

  it('is read no more once its key is withdrawn, or replaced under its name, though it was read a moment ago', async () => {
    const { core, tokens } = await house();
    let key = await new TestAccessTokenKeys().verificationKey('k1' as never);
    const reader = new AccessTokenReader({
      issuer: ISSUER,
      clock: core.clock,
      keys: { verificationKey: () => Promise.resolve(key) },
    });
    for (let time = 0; time < 3; time += 1) expect(await reader.read(tokens.access_token)).toBeDefined();
    const good = key;
    key = undefined;
    expect(await reader.read(tokens.access_token)).toBeUndefined();
    key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(await reader.read(tokens.access_token)).toBeUndefined();
    key = good;
    expect(await reader.read(tokens.access_token)).toBeDefined();
  });

  it('is not mistaken for another that was read before, however alike they are', async () => {
    const { core, tokens } = await house();
    expect(await core.accessTokens.read(tokens.access_token)).toBeDefined();
    const [head = '', body = '', signature = ''] = tokens.access_token.split('.');
    for (const other of [`${head}.${body}.${signature.slice(1)}A`, `${head}.${body}.`])
      expect(await core.accessTokens.read(other)).toBeUndefined();
  });

  it('is not called bad when the keys cannot be read', async () => {
    const { core, tokens } = await house();
    const keys = { verificationKey: () => Promise.reject(new Error('store lost')) };
    const reader = new AccessTokenReader({ issuer: ISSUER, clock: core.clock, keys });
    await expect(reader.read(tokens.access_token)).rejects.toThrow('store lost');
  });
});
