import { after, basic, secondsSinceEpoch } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { base64url, exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { createPublicKey, randomUUID } from 'node:crypto';
import { form, ISSUER, memoryCore } from '../testing/memory-core.js';
import { SigningClient } from '../testing/signing-client.js';
import { CLIENT_ASSERTION_TYPE } from './client-assertion.js';
import type { Client } from './client.js';

type Changes = NonNullable<Parameters<SigningClient['assertion']>[1]>;

async function house(alg = 'ES256', overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const signer = await SigningClient.create(alg);
  const client = core.client({ authMethod: 'private_key_jwt', keys: { jwks: [signer.publicJwk] }, ...overrides });
  const of = () => ({ id: client.id, issuer: ISSUER, now: core.clock.now() });
  const authenticate = (values: Record<string, string | undefined>, authorization?: string) =>
    core.clientAuthentication.authenticate({
      parameters: form(values),
      ...(authorization === undefined ? {} : { authorization }),
    });
  const send = (client_assertion: string, more: Record<string, string | undefined> = {}) =>
    authenticate({ client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE, ...more });
  const assert = async (changes: Changes = {}, more: Record<string, string> = {}) =>
    send(await signer.assertion(of(), changes), more);
  return { core, signer, client, of, authenticate, send, assert };
}
const refusal = (reason: string) => expect.objectContaining({ code: 'invalid_client', reason, status: 400 });

describe('an honest client that signs (AS-56)', () => {
  it.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])('is known by %s', async (alg) => {
    const { client, assert } = await house(alg);
    await expect(assert()).resolves.toEqual(client);
  });

  it('may have named the algorithm by either of its names, or none', async () => {
    for (const assertionAlgorithm of ['EdDSA', 'Ed25519']) {
      const { client, assert } = await house('Ed25519', { assertionAlgorithm });
      await expect(assert()).resolves.toEqual(client);
    }
  });

  it('need not repeat its id, but may', async () => {
    const { client, assert } = await house();
    await expect(assert()).resolves.toEqual(client);
    await expect(assert({}, { client_id: client.id })).resolves.toEqual(client);
  });

  it.each([undefined, 'JWT', 'jwt', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    'may give the type %s',
    async (typ) => {
      const { assert } = await house();
      await expect(assert({ header: { typ } })).resolves.toBeDefined();
    },
  );

  it('may write the one audience as a list, and leave out iat and kid', async () => {
    const { assert } = await house();
    await expect(assert({ claims: { aud: [ISSUER] } })).resolves.toBeDefined();
    await expect(assert({ claims: { iat: undefined } })).resolves.toBeDefined();
    await expect(assert({ header: { kid: undefined } })).resolves.toBeDefined();
  });

  it('may have a clock that is half a minute off', async () => {
    const { core, assert } = await house();
    const now = secondsSinceEpoch(core.clock.now());
    await expect(assert({ claims: { exp: now - 29 } })).resolves.toBeDefined();
    await expect(assert({ claims: { iat: now + 30, nbf: now + 30, exp: now + 630 } })).resolves.toBeDefined();
  });

  it('may use either of two registered keys while one replaces the other', async () => {
    const [old, next] = [await SigningClient.create('ES256', 'a'), await SigningClient.create('ES256', 'b')];
    const { of, send } = await house('ES256', { keys: { jwks: [old.publicJwk, next.publicJwk] } });
    for (const signer of [old, next]) await expect(send(await signer.assertion(of()))).resolves.toBeDefined();
    await expect(send(await next.assertion(of(), { header: { kid: undefined } }))).resolves.toBeDefined();
  });

  it('costs two store calls', async () => {
    const { core, assert } = await house();
    const before = core.database.verbs;
    await assert();
    expect(core.database.verbs - before).toBe(2);
  });

  it('may send an assertion again that was refused for something else: only a good one is spent', async () => {
    const { core, client, signer, of, send } = await house();
    const assertion = await signer.assertion(of());
    core.database.disableClient(client.id, core.clock.now());
    await expect(send(assertion)).rejects.toEqual(refusal('disabled_client'));
    core.database.clients.set(client.id, client);
    await expect(send(assertion, { client_id: 'c_other' })).rejects.toBeDefined();
    await expect(
      core.token.handle({
        parameters: form({
          grant_type: 'refresh_token',
          client_assertion: assertion,
          client_assertion_type: CLIENT_ASSERTION_TYPE,
        }),
      }),
    ).rejects.toMatchObject({ code: 'invalid_request', reason: 'missing_parameter' });
    await expect(send(assertion)).resolves.toBeDefined();
  });
});

describe('an attacker', () => {
  it('cannot use an assertion a second time, nor many times at once (AS-56)', async () => {
    const { of, signer, send } = await house();
    const assertion = await signer.assertion(of());
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => send(assertion)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(send(assertion)).rejects.toEqual(refusal('client_assertion_replayed'));
  });

  it('cannot use it again in the last moments of its life', async () => {
    const { core, of, signer, send } = await house();
    const assertion = await signer.assertion(of());
    await send(assertion);
    const [until] = core.database.usedAssertions.values();
    core.clock.advance(60 + 29);
    await expect(send(assertion)).rejects.toEqual(refusal('client_assertion_replayed'));
    expect(until).toEqual(after(core.clock.now(), 1));
    core.clock.advance(1);
    await expect(send(assertion)).rejects.toEqual(refusal('client_assertion_expired'));
  });

  it.each([
    ['the token endpoint', `${ISSUER}/token`],
    ['another server', 'https://other.example'],
    ['the issuer with a slash', `${ISSUER}/`],
    ['two servers', [ISSUER, 'https://other.example']],
    ['the issuer twice', [ISSUER, ISSUER]],
    ['nobody', []],
  ])('cannot use one addressed to %s', async (_whom, aud) => {
    const { assert } = await house();
    await expect(assert({ claims: { aud } })).rejects.toEqual(refusal('wrong_audience'));
  });

  it('cannot pass off its own assertion as that of another client', async () => {
    const { core, client, signer, send } = await house();
    const mallory = await SigningClient.create();
    const own = core.client({ authMethod: 'private_key_jwt', keys: { jwks: [mallory.publicJwk] } });
    const now = core.clock.now();
    const named = { id: client.id, issuer: ISSUER, now };
    await expect(send(await mallory.assertion(named))).rejects.toEqual(refusal('unknown_key'));
    const sameKid = { header: { kid: signer.publicJwk.kid } };
    await expect(send(await mallory.assertion(named, sameKid))).rejects.toEqual(refusal('wrong_signature'));
    for (const claims of [{ iss: own.id }, { sub: own.id }])
      await expect(send(await mallory.assertion(named, { claims }))).rejects.toEqual(
        refusal('client_assertion_of_other_client'),
      );
    const honest = await mallory.assertion({ id: own.id, issuer: ISSUER, now });
    await expect(send(honest, { client_id: client.id })).rejects.toEqual(refusal('client_assertion_of_other_client'));
  });

  it.each(['exp', 'jti', 'iss', 'aud'])('cannot leave out %s', async (name) => {
    const { assert } = await house();
    await expect(assert({ claims: { [name]: undefined } })).rejects.toEqual(refusal('missing_claim'));
  });

  it.each([
    ['an empty jti', { jti: '' }],
    ['a long jti', { jti: 'x'.repeat(129) }],
    ['a jti that is no text', { jti: 7 }],
    ['an end that is no number', { exp: 'never' }],
  ])('cannot give %s', async (_what, claims) => {
    const { assert } = await house();
    await expect(assert({ claims })).rejects.toEqual(refusal('missing_claim'));
  });

  it('cannot keep one for later', async () => {
    const { core, assert } = await house();
    const now = secondsSinceEpoch(core.clock.now());
    const tooLong = refusal('client_assertion_too_long_lived');
    await expect(assert({ claims: { exp: now + 631 } })).rejects.toEqual(tooLong);
    await expect(assert({ claims: { iat: now - 700, exp: now + 1 } })).rejects.toEqual(tooLong);
    await expect(assert({ claims: { exp: now - 30 } })).rejects.toEqual(refusal('client_assertion_expired'));
    const early = refusal('client_assertion_not_yet_valid');
    await expect(assert({ claims: { nbf: now + 31, exp: now + 60 } })).rejects.toEqual(early);
    await expect(assert({ claims: { iat: now + 31, exp: now + 60 } })).rejects.toEqual(early);
  });

  it.each(['at+jwt', 'JOSE', 'logout+jwt', 'dpop+jwt', 'secevent+jwt'])(
    'cannot use a token of type %s',
    async (typ) => {
      const { assert } = await house();
      await expect(assert({ header: { typ } })).rejects.toEqual(refusal('wrong_token_type'));
    },
  );

  it('cannot sign with the public key as a shared one, with none, or with an algorithm of its choice', async () => {
    const { client, core, signer, send } = await house('RS256');
    const claims = {
      iss: client.id,
      sub: client.id,
      aud: ISSUER,
      exp: secondsSinceEpoch(after(core.clock.now(), 60)),
      jti: randomUUID(),
    };
    const spki = await exportSPKI(createPublicKey({ key: signer.publicJwk, format: 'jwk' }));
    for (const secret of [spki, JSON.stringify(signer.publicJwk), signer.publicJwk.n!]) {
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: signer.publicJwk.kid! })
        .sign(new TextEncoder().encode(secret.padEnd(32)));
      await expect(send(forged)).rejects.toEqual(refusal('wrong_algorithm'));
    }
    await expect(send(new UnsecuredJWT(claims).encode())).rejects.toEqual(refusal('wrong_algorithm'));
    const [, body, signature] = (
      await signer.assertion({ id: client.id, issuer: ISSUER, now: core.clock.now() })
    ).split('.');
    for (const alg of ['none', 'None', 'RS512', 'constructor', '__proto__', 'PS256', 'ES256']) {
      const head = base64url.encode(JSON.stringify({ alg, kid: signer.publicJwk.kid }));
      await expect(send(`${head}.${body!}.${signature!}`)).rejects.toMatchObject({ code: 'invalid_client' });
    }
  });

  it('cannot bring its own key in the header, whatever the member is called', async () => {
    const { core, client, send } = await house();
    const mallory = await SigningClient.create('ES256', 'mallory');
    core.keySource.published.set('https://evil.example/jwks', { keys: [mallory.publicJwk] });
    for (const header of [
      { jwk: mallory.publicJwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/cert' },
      { x5c: ['AAAA'] },
      { kid: 'https://evil.example/jwks' },
      { kid: '../../evil' },
      { kid: "' OR 1=1 --" },
      { kid: '__proto__' },
    ]) {
      const assertion = await mallory.assertion({ id: client.id, issuer: ISSUER, now: core.clock.now() }, { header });
      await expect(send(assertion)).rejects.toMatchObject({ code: 'invalid_client' });
    }
    expect(core.keySource.fetched).toEqual([]);
  });

  it('cannot use a key that was registered for another algorithm', async () => {
    const signer = await SigningClient.create('PS256', 'k');
    const { of, send } = await house('ES256', { keys: { jwks: [{ ...signer.publicJwk, alg: 'RS256' }] } });
    await expect(send(await signer.assertion(of()))).rejects.toEqual(refusal('unknown_key'));
  });

  it('cannot hide the payload from the signature', async () => {
    const { assert } = await house();
    await expect(assert({ header: { crit: ['exp'], exp: 1 } })).rejects.toBeDefined();
  });

  it('cannot fall back to another method, nor use two', async () => {
    const { client, core, signer, of, authenticate } = await house();
    await expect(authenticate({ client_id: client.id })).rejects.toEqual(refusal('wrong_client_auth_method'));
    const parameters = await signer.parameters(of());
    const two = { code: 'invalid_request', reason: 'two_client_auth_methods' };
    await expect(authenticate({ ...parameters, client_secret: 'x' })).rejects.toMatchObject(two);
    await expect(authenticate(parameters, basic(client.id, 'x'))).rejects.toMatchObject(two);
    const open = core.client();
    const other = await signer.assertion({ id: open.id, issuer: ISSUER, now: core.clock.now() });
    await expect(authenticate({ ...parameters, client_assertion: other })).rejects.toEqual(
      refusal('wrong_client_auth_method'),
    );
  });

  it.each([
    ['no assertion', undefined],
    ['no JWT', 'abc'],
    ['two dots', '..'],
    ['an encrypted one', 'a.b.c.d.e'],
    ['a list as payload', `e30.${base64url.encode('[]')}.x`],
    ['a huge one', `e30.${'A'.repeat(9000)}.x`],
  ])('gets nothing with %s', async (_what, client_assertion) => {
    const { client, authenticate } = await house();
    await expect(
      authenticate({ client_id: client.id, client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE }),
    ).rejects.toMatchObject({ code: client_assertion === undefined ? 'invalid_request' : 'invalid_client' });
  });

  it('gets nothing with an assertion of another type', async () => {
    const { of, signer, authenticate } = await house();
    const client_assertion = await signer.assertion(of());
    for (const type of [undefined, 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer', 'jwt'])
      await expect(authenticate({ client_assertion, client_assertion_type: type })).rejects.toEqual(
        refusal('wrong_client_auth_method'),
      );
  });

  it('gets nothing of a resource server by an assertion: introspection knows secrets only', async () => {
    const { core, of, signer } = await house();
    const parameters = form({ token: 'x', ...(await signer.parameters(of())) });
    await expect(core.introspection.introspect({ parameters })).rejects.toMatchObject({
      code: 'invalid_client',
      reason: 'unknown_resource_server',
      status: 401,
    });
  });

  it('cannot choose another algorithm than the client has registered, although the keys would do', async () => {
    const { assert, core, client } = await house('RS256', { assertionAlgorithm: 'PS256' });
    await expect(assert()).rejects.toEqual(refusal('wrong_algorithm'));
    core.database.clients.set(client.id, { ...client, assertionAlgorithm: 'RS256' });
    await expect(assert()).resolves.toBeDefined();
  });
});
