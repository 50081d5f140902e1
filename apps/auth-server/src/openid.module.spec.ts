import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TokenResponse } from '@gatehouse/authorization-server';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Browser } from './testing/browser.js';
import { TrialClient, approve, toConsent } from './testing/client.js';
import { EXPENSES, type TrialServer, startTrialServer } from './testing/trial-server.js';

const ISSUER = 'http://127.0.0.1:4000';
const IDENTITY = { resource: undefined, scope: 'openid profile email', nonce: 'n-0S6_WzA2Mj' };

const challengesOf = ({ headers }: { headers: object }): string =>
  [(headers as Record<string, unknown>)['www-authenticate']].flat().join();

describe('OpenID Connect', () => {
  let server: TrialServer;
  let client: TrialClient;
  beforeAll(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());

  async function tokensFor(more: object, username = 'anna'): Promise<TokenResponse> {
    const callback = await approve(new Browser(server.app), client, username, more);
    return (await client.redeem(callback.searchParams.get('code') ?? '')).json();
  }
  const userinfo = (token: string, method: 'GET' | 'POST' = 'GET', more: { headers?: object; payload?: string } = {}) =>
    server.app.inject({
      method,
      url: '/userinfo',
      ...more,
      headers: { authorization: `Bearer ${token}`, ...more.headers },
    });

  it('signs a person in: one page in plain words, an ID token, and userinfo for the rest', async () => {
    const page = await toConsent(new Browser(server.app), client, 'anna', IDENTITY);
    expect(page.body).toMatch(/Tell .*Ledger assistant.* who you are\?/s);
    for (const words of ['Recognise you when you come back', 'See your name and user name', 'See your e-mail address'])
      expect(page.body).toContain(words);
    expect(page.body).not.toContain('/userinfo');

    const tokens = await tokensFor(IDENTITY);
    expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ typ: 'JWT', alg: 'ES256' });
    const said = decodeJwt(tokens.id_token ?? '');
    expect(said).toMatchObject({ iss: ISSUER, aud: client.id, nonce: IDENTITY.nonce, amr: ['pwd'] });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: `${ISSUER}/userinfo`, acr: 'urn:gatehouse:acr:1fa' });

    const told = await userinfo(tokens.access_token);
    expect([told.statusCode, told.headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    expect(told.json()).toEqual({
      sub: said.sub,
      name: 'Anna',
      preferred_username: 'anna',
      email: 'anna@house.example',
      email_verified: true,
    });
  });

  it('answers GET and POST alike, stored by nobody and readable from any origin', async () => {
    const { access_token } = await tokensFor({ ...IDENTITY, scope: 'openid' });
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: '' };
    for (const answer of [
      await userinfo(access_token),
      await userinfo(access_token, 'POST'),
      await userinfo(access_token, 'POST', form),
    ]) {
      expect([answer.statusCode, Object.keys(answer.json<object>())]).toEqual([200, ['sub']]);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    }
    const preflight = await server.app.inject({ method: 'OPTIONS', url: '/userinfo' });
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
  });

  it('challenges whoever brings no token, or one that is none for userinfo', async () => {
    const metadata = `resource_metadata="${ISSUER}/.well-known/oauth-protected-resource/userinfo"`;
    const nobody = await server.app.inject({ method: 'GET', url: '/userinfo' });
    expect([nobody.statusCode, challengesOf(nobody)]).toEqual([401, expect.stringContaining(metadata)]);
    const mixed = await tokensFor({ scope: 'invoices:read openid email' });
    for (const token of [mixed.access_token, mixed.id_token ?? '', 'no-token']) {
      const answer = await userinfo(token);
      expect([answer.statusCode, challengesOf(answer)]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    }
  });

  it('takes no token from a body or a query', async () => {
    const { access_token } = await tokensFor(IDENTITY);
    const inBody = await server.app.inject({
      method: 'POST',
      url: '/userinfo',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ access_token }).toString(),
    });
    const inQuery = await server.app.inject({ method: 'GET', url: `/userinfo?access_token=${access_token}` });
    expect([inBody.statusCode, inQuery.statusCode]).toEqual([401, 401]);
  });

  it('tells nothing of a person whose account was disabled, or whose client gave the token back', async () => {
    const given = await tokensFor(IDENTITY);
    await client.revoke(given.refresh_token ?? '');
    expect((await userinfo(given.access_token)).statusCode).toBe(401);
    const ben = await tokensFor(IDENTITY, 'ben');
    const { sub } = (await userinfo(ben.access_token)).json<{ sub: string; email?: string }>();
    server.database.disableAccount(sub as never);
    expect((await userinfo(ben.access_token)).statusCode).toBe(401);
    expect(server.log.join('\n')).not.toMatch(/house\.example|preferred_username/);
  });

  it('shows identity beside a resource, and leaves it out of the token for that', async () => {
    const more = { resource: EXPENSES, scope: 'expenses:read openid profile' };
    const page = await toConsent(new Browser(server.app), client, 'anna', more);
    expect(page.body).toContain('See your name and user name');
    const tokens = await tokensFor(more);
    expect(tokens.scope).toBe('expenses:read openid profile');
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: EXPENSES, scope: 'expenses:read' });
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ name: 'Anna', preferred_username: 'anna' });
  });

  it('is in the discovery document (AS-12)', async () => {
    const answer = await server.app.inject({ method: 'GET', url: '/.well-known/openid-configuration' });
    expect(answer.json()).toMatchObject({
      userinfo_endpoint: `${ISSUER}/userinfo`,
      scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'expenses:read']),
      acr_values_supported: ['urn:gatehouse:acr:1fa'],
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
    });
  });
});
