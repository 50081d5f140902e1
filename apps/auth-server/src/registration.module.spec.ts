import { afterEach, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { TrialClient, codeFor } from './testing/client.js';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

const LEDGER = {
  client_name: 'Ledger',
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['authorization_code', 'refresh_token'],
};
type Method = 'GET' | 'PUT' | 'DELETE' | 'OPTIONS' | 'POST' | 'PATCH';
type Body = Record<string, unknown>;

let server: TrialServer;
afterEach(() => server.close());

async function house(settings: Readonly<Record<string, string>> = {}) {
  server = await startTrialServer(settings);
  const ask = (method: Method, url: string, token?: string, payload?: object, headers: Record<string, string> = {}) =>
    server.app.inject({
      method,
      url,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  const register = async (metadata: object = LEDGER, token?: string) =>
    (await ask('POST', '/register', token, metadata)).json<
      Body & { client_id: string; registration_access_token: string }
    >();
  return { ask, register };
}

describe('the client configuration endpoint (AS-105)', () => {
  it('answers GET and PUT with 200, DELETE with 204, and lets no cache keep any of it', async () => {
    const { ask, register } = await house();
    const { client_id, registration_access_token: token, registration_client_uri: uri } = await register();
    expect(uri).toBe(`http://127.0.0.1:4000/register/${client_id}`);
    const path = `/register/${client_id}`;
    const read = await ask('GET', path, token);
    expect([read.statusCode, read.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(read.json()).toMatchObject({ client_id, client_name: 'Ledger', registration_access_token: token });
    const put = await ask('PUT', path, token, { ...LEDGER, client_id, client_name: 'Ledger 2' });
    expect([put.statusCode, put.headers['cache-control'], put.json<Body>()['client_name']]).toEqual([
      200,
      'no-store',
      'Ledger 2',
    ]);
    const gone = await ask('DELETE', path, token);
    expect([gone.statusCode, gone.body]).toEqual([204, '']);
    expect((await ask('GET', path, token)).statusCode).toBe(401);
    expect(server.database.audit.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['client.registered', 'client.changed', 'client.removed']),
    );
  });

  it('answers 401 alike for an unknown client and a wrong token, with a Bearer challenge', async () => {
    const { ask, register } = await house();
    const { client_id } = await register();
    const answers = [
      await ask('GET', `/register/${client_id}`, 'ghm_wrong'),
      await ask('GET', '/register/c_unknown', 'ghm_wrong'),
      await ask('DELETE', '/register/%00', 'ghm_wrong'),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="gatehouse", error="invalid_token"');
      expect(answer.body).toBe(answers[0]!.body);
    }
    const bare = await ask('GET', `/register/${client_id}`);
    expect([bare.statusCode, bare.headers['www-authenticate']]).toEqual([401, 'Bearer realm="gatehouse"']);
    // In the URL it would end in logs, so it counts as none.
    expect((await ask('GET', `/register/${client_id}?access_token=x`)).statusCode).toBe(401);
  });

  it('is open to scripts of any origin like registration itself, preflight included (AS-69)', async () => {
    const { ask, register } = await house();
    const { client_id, registration_access_token: token } = await register();
    const origin = { origin: 'https://app.example' };
    const preflight = await ask('OPTIONS', `/register/${client_id}`, undefined, undefined, {
      ...origin,
      'access-control-request-method': 'DELETE',
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, POST, PUT, DELETE');
    const read = await ask('GET', `/register/${client_id}`, token, undefined, origin);
    expect(read.headers['access-control-allow-origin']).toBe('*');
    const elsewhere = await ask('OPTIONS', '/token', undefined, undefined, origin);
    expect(elsewhere.headers['access-control-allow-methods']).toBe('GET, POST');
  });

  it('knows no other method, and takes JSON only', async () => {
    const { ask, register } = await house();
    const { client_id, registration_access_token: token } = await register();
    const patch = await ask('PATCH', `/register/${client_id}`, token, {});
    expect([patch.statusCode, patch.headers['allow']]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, PUT']);
    const form = await server.app.inject({
      method: 'PUT',
      url: `/register/${client_id}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'client_id=x',
    });
    expect([form.statusCode, form.json<Body>()['error']]).toEqual([400, 'invalid_request']);
  });

  it('does not let the token of a disabled client do anything', async () => {
    const { ask, register } = await house();
    const { client_id, registration_access_token: token } = await register();
    server.database.disableClient(client_id as never, server.clock.now());
    const path = `/register/${client_id}`;
    for (const answer of [
      await ask('GET', path, token),
      await ask('PUT', path, token, { ...LEDGER, client_id }),
      await ask('DELETE', path, token),
    ])
      expect([answer.statusCode, answer.json<Body>()['error']]).toEqual([403, 'access_denied']);
  });

  it('slows down who guesses tokens of one client, and never its owner nor another client (AS-54)', async () => {
    const { ask, register } = await house({ TOKEN_FAILURE_LIMIT: '3/60' });
    const [victim, other] = [await register(), await register({ ...LEDGER, client_name: 'Other' })];
    const read = (of: typeof victim, token: string) => ask('GET', `/register/${of.client_id}`, token);
    for (let guess = 0; guess < 3; guess += 1)
      expect((await read(victim, `ghm_${String(guess)}`)).statusCode).toBe(401);
    expect((await read(victim, 'ghm_3')).statusCode).toBe(429);
    expect((await read(victim, victim.registration_access_token)).statusCode).toBe(200);
    expect((await read(other, other.registration_access_token)).statusCode).toBe(200);
    const elsewhere = await server.app.inject({
      url: `/register/${victim.client_id}`,
      headers: { authorization: `Bearer ${victim.registration_access_token}` },
      remoteAddress: '198.51.100.7',
    });
    expect(elsewhere.statusCode).toBe(200);
  });

  it('ends a client with all its tokens', async () => {
    const { ask, register } = await house();
    const { client_id, registration_access_token: token, client_secret } = await register();
    const client = new TrialClient(server.app, client_id);
    const code = await codeFor(new Browser(server.app), client);
    const secret = { client_secret: String(client_secret) };
    const tokens = await client.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: client.verifier,
      redirect_uri: 'http://127.0.0.1:51234/callback',
      ...secret,
    });
    expect(tokens.statusCode).toBe(200);
    expect((await ask('DELETE', `/register/${client_id}`, token)).statusCode).toBe(204);
    const refreshed = await client.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.json<{ refresh_token: string }>().refresh_token,
      ...secret,
    });
    expect(refreshed.json()).toMatchObject({ error: 'invalid_client' });
  });
});

describe('registration at many connections', () => {
  it('gives a hosted client that registers each time the one id, and nobody a token for it (AS-104)', async () => {
    const { register } = await house();
    const metadata = { ...LEDGER, token_endpoint_auth_method: 'none' };
    const answers = await Promise.all(Array.from({ length: 42 }, () => register(metadata)));
    expect(new Set(answers.map(({ client_id }) => client_id)).size).toBe(1);
    for (const answer of answers) expect(answer).not.toHaveProperty('registration_access_token');
    expect(server.database.clients.size).toBe(1);
  });
});

describe('DYNAMIC_REGISTRATION', () => {
  it('token: asks for an initial access token, and says so (AS-104)', async () => {
    const { ask } = await house({ DYNAMIC_REGISTRATION: 'token' });
    const refused = await ask('POST', '/register', undefined, LEDGER);
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="gatehouse"']);
    expect((await ask('POST', '/register', 'ght_guess', LEDGER)).statusCode).toBe(401);
    expect((await ask('GET', '/.well-known/oauth-authorization-server')).json()).toHaveProperty(
      'registration_endpoint',
    );
  });

  it.each<Record<string, string>>([
    { DYNAMIC_REGISTRATION: 'closed' },
    { CLIENT_REGISTRATION: 'closed' },
    { CLIENT_REGISTRATION: 'verified' },
  ])(
    'closed, by whichever setting: nobody registers, and the metadata does not offer it: %j (AS-104)',
    async (settings) => {
      const { ask } = await house(settings);
      const refused = await ask('POST', '/register', undefined, LEDGER);
      expect([refused.statusCode, refused.json<Body>()['error']]).toEqual([403, 'access_denied']);
      const metadata = await ask('GET', '/.well-known/oauth-authorization-server');
      expect(metadata.json()).not.toHaveProperty('registration_endpoint');
      expect(server.database.clients.size).toBe(0);
    },
  );
});
