import { after } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { CLIENT_ASSERTION_TYPE } from '../clients/client-assertion.js';
import { form, ISSUER, memoryCore } from '../testing/memory-core.js';

const MINIMAL = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'private_key_jwt' };
const REFUSED = { code: 'invalid_client_metadata', reason: 'invalid_client_metadata' };

const pair = await generateKeyPair('ES256', { extractable: true });
const publicJwk: JWK = { ...(await exportJWK(pair.publicKey)), kid: 'k' };

async function assertion(clientId: string, now: Date): Promise<string> {
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(ISSUER)
    .setExpirationTime(after(now, 60))
    .sign(pair.privateKey);
}

describe('a client that registers itself with keys', () => {
  it('gets no secret and is known by its signature from then on (AS-56)', async () => {
    const core = memoryCore();
    const information = await core.registration.register({ ...MINIMAL, jwks: { keys: [publicJwk] } });
    expect(information).toMatchObject({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } });
    expect(information).not.toHaveProperty('client_secret');
    const client_assertion = await assertion(information.client_id, core.clock.now());
    const parameters = form({ client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE });
    await expect(core.clientAuthentication.authenticate({ parameters })).resolves.toMatchObject({
      id: information.client_id,
    });
  });

  it('may publish its keys instead, and nothing is fetched before it comes back', async () => {
    const core = memoryCore();
    const jwks_uri = 'https://app.example/jwks.json';
    const information = await core.registration.register({ ...MINIMAL, jwks_uri });
    expect(information).toMatchObject({ jwks_uri });
    expect(core.keySource.fetched).toEqual([]);
    core.keySource.published.set(jwks_uri, { keys: [publicJwk] });
    const client_assertion = await assertion(information.client_id, core.clock.now());
    const parameters = form({ client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE });
    await expect(core.clientAuthentication.authenticate({ parameters })).resolves.toBeDefined();
  });

  it('may demand pushed requests and one algorithm of itself, is told so, and is held to it', async () => {
    const core = memoryCore();
    const demands = { require_pushed_authorization_requests: true, token_endpoint_auth_signing_alg: 'ES256' };
    const information = await core.registration.register({ ...MINIMAL, ...demands, jwks: { keys: [publicJwk] } });
    expect(information).toMatchObject(demands);
    expect(core.database.clients.get(information.client_id)).toMatchObject({
      requirePushedRequests: true,
      assertionAlgorithm: 'ES256',
    });
    // Of a client that does not sign the algorithm says nothing.
    const plain = { redirect_uris: MINIMAL.redirect_uris, token_endpoint_auth_method: 'none' };
    expect(await core.registration.register({ ...plain, ...demands })).not.toHaveProperty(
      'token_endpoint_auth_signing_alg',
    );
  });

  it.each([
    { token_endpoint_auth_signing_alg: 'ES384' },
    { token_endpoint_auth_signing_alg: 'none' },
    { token_endpoint_auth_signing_alg: 'HS256' },
    { require_pushed_authorization_requests: 'yes' },
  ])('is refused when it demands what its keys cannot give, or no algorithm: %o', async (demand) => {
    const core = memoryCore();
    await expect(
      core.registration.register({ ...MINIMAL, jwks: { keys: [publicJwk] }, ...demand }),
    ).rejects.toMatchObject(REFUSED);
  });

  it('has only the members of its keys stored that verification needs', async () => {
    const core = memoryCore();
    const { jwks } = await core.registration.register({
      ...MINIMAL,
      jwks: { keys: [{ ...publicJwk, x5c: ['AAAA'], x5u: 'https://x', note: 'n'.repeat(1000) }] },
    });
    expect(jwks).toEqual({ keys: [publicJwk] });
  });

  it('does not lose its registration over a key for encryption beside the one for signatures', async () => {
    const core = memoryCore();
    const { jwks } = await core.registration.register({
      ...MINIMAL,
      jwks: { keys: [{ ...publicJwk, kid: 'e', use: 'enc' }, publicJwk] },
    });
    expect(jwks).toEqual({ keys: [publicJwk] });
  });

  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
  const rsaWith = (exponent: number) =>
    generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: exponent }).publicKey.export({ format: 'jwk' });
  it.each([
    ['an RSA key with the exponent 1, by which everybody signs', { jwks: { keys: [{ ...rsaWith(65_537), e: 'AQ' }] } }],
    [
      'an RSA key with an exponent as long as its modulus, which makes each verification dear',
      { jwks: { keys: [{ ...rsaWith(65_537), e: rsaWith(65_537).n }] } },
    ],
    ['no keys', {}],
    ['an empty set', { jwks: { keys: [] } }],
    ['a set that is none', { jwks: [publicJwk] }],
    ['keys and an address', { jwks: { keys: [publicJwk] }, jwks_uri: 'https://app.example/jwks' }],
    ['its private key', { jwks: { keys: [{ ...publicJwk, d: 'AAAA' }] } }],
    ['a private key beside a good one', { jwks: { keys: [publicJwk, { ...publicJwk, d: 'AAAA' }] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
    ['a symmetric key beside a good one', { jwks: { keys: [publicJwk, { kty: 'oct' }] } }],
    ['a point that is not on its curve', { jwks: { keys: [{ ...publicJwk, y: publicJwk.x }] } }],
    ['only a key for encryption', { jwks: { keys: [{ ...publicJwk, use: 'enc' }] } }],
    ['an RSA key that can be broken', { jwks: { keys: [rsa(1024)] } }],
    ['a key of an unknown kind', { jwks: { keys: [{ kty: 'constructor' }] } }],
    ['more keys than anybody needs', { jwks: { keys: Array.from({ length: 21 }, () => publicJwk) } }],
    ['a huge set', { jwks: { keys: [{ ...publicJwk, kid: 'k'.repeat(40_000) }] } }],
    ['an address without TLS', { jwks_uri: 'http://app.example/jwks' }],
    ['an address with a password', { jwks_uri: 'https://a:b@app.example/jwks' }],
    ['an address of another kind', { jwks_uri: 'file:///etc/passwd' }],
    ['an address that is no text', { jwks_uri: ['https://app.example/jwks'] }],
  ])('is refused with %s', async (_what, keys) => {
    const core = memoryCore();
    await expect(core.registration.register({ ...MINIMAL, ...keys })).rejects.toMatchObject(REFUSED);
    expect(core.database.clients.size).toBe(0);
  });

  it('cannot act for itself, whatever it registers (AS-120)', async () => {
    const core = memoryCore();
    const information = await core.registration.register({
      ...MINIMAL,
      jwks: { keys: [publicJwk] },
      grant_types: ['authorization_code', 'client_credentials'],
    });
    expect(information.grant_types).toEqual(['authorization_code']);
  });
});
