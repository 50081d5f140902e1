import { testProofKey, type TestProofKey } from '@gatehouse/dpop/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { approve, codeFor, TrialClient } from './testing/client.js';
import { startTrialServer, type TrialServer } from './testing/trial-server.js';

const TOKEN = 'http://127.0.0.1:4000/token';

describe('DPoP over HTTP (AS-170)', () => {
  let server: TrialServer;
  let client: TrialClient;
  let key: TestProofKey;

  const start = async (settings: Readonly<Record<string, string>> = {}, metadata: object = {}) => {
    server = await startTrialServer(settings);
    client = await TrialClient.register(server.app, metadata);
    key = await testProofKey();
  };
  beforeEach(() => start());
  afterEach(() => server.close());

  const proof = (nonce?: string, more: object = {}) =>
    key.proof({ url: TOKEN, at: server.clock.now(), ...(nonce === undefined ? {} : { nonce }), ...more });
  const redeem = (code: string, headers: object) =>
    client.token({ grant_type: 'authorization_code', code, code_verifier: client.verifier }, headers);
  /** What an honest client does that does not know the nonce yet. */
  const nonceOf = async () => {
    const answer = await redeem('any', { dpop: await proof() });
    return String(answer.headers['dpop-nonce']);
  };

  it('sends a client without a nonce away with one, and it comes back with nothing lost (AS-52)', async () => {
    const code = await codeFor(new Browser(server.app), client);
    const refused = await redeem(code, { dpop: await proof() });
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([400, 'use_dpop_nonce']);
    expect(refused.headers['cache-control']).toBe('no-store');
    const nonce = String(refused.headers['dpop-nonce']);
    const answer = await redeem(code, { dpop: await proof(nonce) });
    expect([answer.statusCode, answer.json<{ token_type: string }>().token_type]).toEqual([200, 'DPoP']);
    expect(answer.headers['dpop-nonce']).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it('tells the next nonce in time, so that a busy client is refused once in its life', async () => {
    let nonce = await nonceOf();
    let answer = await redeem(await codeFor(new Browser(server.app), client), { dpop: await proof(nonce) });
    for (let turn = 0; turn < 8; turn += 1) {
      nonce = String(answer.headers['dpop-nonce']);
      server.clock.advance(100);
      answer = await client.token(
        { grant_type: 'refresh_token', refresh_token: answer.json<{ refresh_token: string }>().refresh_token },
        { dpop: await proof(nonce) },
      );
      expect(answer.statusCode).toBe(200);
    }
  });

  it('answers every other proof that does not hold with 400 invalid_dpop_proof (AS-52)', async () => {
    const nonce = await nonceOf();
    const used = await proof(nonce);
    const code = await codeFor(new Browser(server.app), client);
    expect((await redeem(code, { dpop: used })).statusCode).toBe(200);
    const wrong = [
      used,
      '',
      'x',
      'a.b.c',
      await proof(nonce, { method: 'GET' }),
      await proof(nonce, { url: 'http://127.0.0.1:4000/par' }),
      `${await proof(nonce)}, ${await proof(nonce)}`,
    ];
    const other = await codeFor(new Browser(server.app), client);
    for (const dpop of wrong) {
      const answer = await redeem(other, { dpop });
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_dpop_proof']);
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
    const twice = await redeem(other, { dpop: [await proof(nonce), await proof(nonce)] });
    expect([twice.statusCode, twice.json<{ error: string }>().error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('takes the URL from the configuration, whatever Host and forwarding headers say', async () => {
    const nonce = await nonceOf();
    const code = await codeFor(new Browser(server.app), client);
    const foreign = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const evil = await redeem(code, { ...foreign, dpop: await proof(nonce, { url: 'https://evil.example/token' }) });
    expect([evil.statusCode, evil.json<{ error: string }>().error]).toEqual([400, 'invalid_dpop_proof']);
    expect((await redeem(code, { ...foreign, dpop: await proof(nonce) })).statusCode).toBe(200);
  });

  it('refuses a client that wants bound tokens only, when it shows no proof (AS-52)', async () => {
    await server.close();
    await start({}, { dpop_bound_access_tokens: true });
    const answer = await redeem(await codeFor(new Browser(server.app), client), {});
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('says nothing of nonces to clients that show no proof, nor where they are off', async () => {
    const bearer = await redeem(await codeFor(new Browser(server.app), client), {});
    expect([bearer.statusCode, bearer.headers['dpop-nonce']]).toEqual([200, undefined]);
    await server.close();
    await start({ DPOP_NONCES: 'off' });
    const answer = await redeem(await codeFor(new Browser(server.app), client), { dpop: await proof() });
    expect([answer.statusCode, answer.headers['dpop-nonce']]).toEqual([200, undefined]);
  });

  it('pushes with a proof, in two steps as well, and lets scripts of any origin read the nonce', async () => {
    const push = async (nonce?: string) =>
      server.app.inject({
        method: 'POST',
        url: '/par',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://app.example',
          dpop: await proof(nonce, { url: 'http://127.0.0.1:4000/par' }),
        },
        payload: client.authorizeQuery(),
      });
    const refused = await push();
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([400, 'use_dpop_nonce']);
    expect(refused.headers['access-control-expose-headers']).toContain('DPoP-Nonce');
    const answer = await push(String(refused.headers['dpop-nonce']));
    expect([answer.statusCode, answer.headers['dpop-nonce'] !== undefined]).toEqual([201, true]);
    const preflight = await server.app.inject({
      method: 'OPTIONS',
      url: '/par',
      headers: { origin: 'https://a.example' },
    });
    expect(preflight.headers['access-control-allow-headers']).toContain('DPoP');
  });

  it('challenges at its own resources for both schemes, Bearer first, and tells the one that was used what was wrong', async () => {
    const ask = (authorization: string, dpop?: string) =>
      server.app.inject({ url: '/userinfo', headers: { authorization, ...(dpop === undefined ? {} : { dpop }) } });
    const url = 'http://127.0.0.1:4000/userinfo';
    const journey = new Browser(server.app);
    const page = await approve(journey, client, 'anna', { scope: 'openid', resource: undefined });
    const bound = await redeem(page.searchParams.get('code') ?? '', { dpop: await proof(await nonceOf()) });
    const { access_token } = bound.json<{ access_token: string }>();
    const stolen = await ask(`Bearer ${access_token}`);
    expect([stolen.statusCode, stolen.headers['www-authenticate']]).toEqual([
      401,
      [
        expect.stringMatching(/^Bearer error="invalid_token",.*resource_metadata=/),
        'DPoP algs="ES256 ES384 Ed25519 EdDSA"',
      ],
    ]);
    const unknowing = await ask(
      `DPoP ${access_token}`,
      await key.proof({ method: 'GET', url, at: server.clock.now(), accessToken: access_token }),
    );
    expect([unknowing.statusCode, unknowing.headers['www-authenticate']]).toEqual([
      401,
      [expect.stringMatching(/^Bearer (?!error)/), 'DPoP error="use_dpop_nonce", algs="ES256 ES384 Ed25519 EdDSA"'],
    ]);
    const nonce = String(unknowing.headers['dpop-nonce']);
    const thief = await testProofKey();
    const foreign = await ask(
      `DPoP ${access_token}`,
      await thief.proof({ method: 'GET', url, at: server.clock.now(), accessToken: access_token, nonce }),
    );
    expect([foreign.statusCode, foreign.headers['www-authenticate']]).toEqual([
      401,
      [expect.stringMatching(/^Bearer (?!error)/), expect.stringContaining('DPoP error="invalid_token"')],
    ]);
    const honest = { method: 'GET', url, at: server.clock.now(), accessToken: access_token, nonce };
    expect((await ask(`DPoP ${access_token}`, await key.proof(honest))).statusCode).toBe(200);
  });

  it('says in the metadata which algorithms proofs may have, none of them with a shared key', async () => {
    const metadata = (await server.app.inject({ url: '/.well-known/oauth-authorization-server' })).json<{
      dpop_signing_alg_values_supported: readonly string[];
    }>();
    expect(metadata.dpop_signing_alg_values_supported).toEqual(['ES256', 'ES384', 'Ed25519', 'EdDSA']);
    const code = () => codeFor(new Browser(server.app), client);
    for (const alg of metadata.dpop_signing_alg_values_supported) {
      key = await testProofKey(alg);
      expect((await redeem(await code(), { dpop: await proof(await nonceOf()) })).statusCode).toBe(200);
    }
  });

  it('leaves no proof and no nonce in the log', async () => {
    const nonce = await nonceOf();
    const shown = await proof(nonce);
    const code = await codeFor(new Browser(server.app), client);
    await redeem(code, { dpop: shown });
    await redeem(code, { dpop: shown });
    const log = server.log.join('\n');
    expect(log).toContain('dpop_proof_replayed');
    expect(log).not.toContain(nonce);
    expect(log).not.toContain(shown.split('.')[2]);
  });
});
