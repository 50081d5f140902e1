import { beforeAll, describe, expect, it } from '@jest/globals';
import { ask, isSignIn, LOOPBACK_CALLBACK, type PageAgent, type RegisteredClient } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from './house.js';

type Change = Readonly<Record<string, string | undefined>>;

describe('the authorization endpoint', () => {
  let client: RegisteredClient;
  let browser: PageAgent;

  beforeAll(async () => {
    client = await house.register();
    browser = house.browser();
    await browser.authorize(house.begin(client, { resource: invoices }).url, { account: anna });
  });
  const url = (parameters: Change, of = client) => house.begin(of, { resource: invoices, parameters }).url;

  describe('keeps what it cannot verify on a page of its own (AS-24, AS-27)', () => {
    it.each<[string, Change]>([
      ['an unknown client', { client_id: 'nobody' }],
      ['no client', { client_id: undefined }],
      ['another redirect path', { redirect_uri: `${LOOPBACK_CALLBACK}/` }],
      ['another loopback name', { redirect_uri: LOOPBACK_CALLBACK.replace('127.0.0.1', 'localhost') }],
      ['a foreign redirect', { redirect_uri: 'https://evil.example/callback' }],
      ['a redirect with a trick', { redirect_uri: `${LOOPBACK_CALLBACK}@evil.example/` }],
      ['a script as redirect', { redirect_uri: 'javascript:alert(1)' }],
    ])('shows a page and goes nowhere for %s', async (_, parameters) => {
      const answer = await browser.exchange(url(parameters));
      expect([answer.status >= 400 && answer.status < 500, answer.location, answer.type]).toEqual([
        true,
        undefined,
        'text/html',
      ]);
      expect(answer.text).not.toContain('evil.example');
    });
  });

  it('wants the redirect URI named when several are registered (AS-26)', async () => {
    const several = await house.register({ redirect_uris: [LOOPBACK_CALLBACK, 'http://127.0.0.1:33999/other'] });
    const answer = await browser.exchange(url({ redirect_uri: undefined }, several));
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    const only = await browser.exchange(url({ redirect_uri: undefined }));
    expect(only.status).toBe(303);
  });

  it('gives a loopback redirect any port, and https none (AS-24)', async () => {
    expect((await browser.exchange(url({ redirect_uri: 'http://127.0.0.1:51234/callback' }))).status).toBe(303);
    const web = await house.register({ redirect_uris: ['https://app.example/cb'], application_type: 'web' });
    expect((await browser.exchange(url({ redirect_uri: 'https://app.example:8443/cb' }, web))).status).toBe(400);
  });

  describe('refuses by redirect once the client is verified (AS-22, AS-23, AS-28, AS-30, AS-32, AS-39, AS-41, AS-43)', () => {
    it.each<[string, Change, string]>([
      ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['a challenge without a method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
      ['a challenge with padding', { code_challenge: `${'a'.repeat(43)}=` }, 'invalid_request'],
      ['a short challenge', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
      ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
      ['no response type', { response_type: undefined }, 'invalid_request'],
      ['an unknown scope', { scope: 'invoices:read nonsense' }, 'invalid_scope'],
      ['a scope of another resource', { scope: 'expenses:read' }, 'invalid_scope'],
      ['an unknown resource', { resource: 'http://127.0.0.1:1/mcp' }, 'invalid_target'],
      ['a resource with a fragment', { resource: `${invoices}#x` }, 'invalid_target'],
      ['a relative resource', { resource: '/invoices/mcp' }, 'invalid_target'],
    ])('sends %s back with state and iss, after a click', async (_, parameters, code) => {
      const state = 'ü"<&>%25 +/=';
      const callback = await browser.authorize(url({ ...parameters, state }), { account: anna }, LOOPBACK_CALLBACK);
      expect(Object.fromEntries(callback.parameters)).toMatchObject({ error: code, state, iss: stack.issuer });
      expect(callback.parameters.has('code')).toBe(false);
      for (const name of ['state', 'iss', 'error']) expect(callback.parameters.getAll(name)).toHaveLength(1);
    });
  });

  it('redirects nobody who has not signed in, not even with an error (AS-29)', async () => {
    const stranger = house.browser();
    const page = await stranger.open(url({ scope: 'nonsense' }), LOOPBACK_CALLBACK);
    expect(isSignIn(page)).toBe(true);
    expect(
      stranger.visits.map(({ location }) => location ?? '').filter((to) => to.startsWith(LOOPBACK_CALLBACK)),
    ).toEqual([]);
  });

  it('refuses repeated parameters, ignores unknown ones, and takes empty ones as absent (AS-20)', async () => {
    const repeated = await browser.exchange(`${url({})}&state=again`);
    expect([repeated.status, repeated.location]).toEqual([400, undefined]);
    const unknown = await browser.exchange(`${url({ foo: '1', prompt: '' })}&bar=`);
    expect(unknown.status).toBe(303);
  });

  it('takes a resource in any spelling, and issues one audience (AS-40)', async () => {
    const spelled = invoices.replace('http://', 'HTTP://');
    const connected = await house.connected({ client, browser, decision: { account: anna }, resource: spelled });
    const { access_token } = connected.tokens;
    const claims = JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as { aud: string };
    expect(claims.aud).toBe(invoices);
  });

  it('answers a post as it answers a get (AS-20)', async () => {
    const answer = await browser.exchange(house.endpoint('authorize'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      body: url({}).split('?')[1]!,
    });
    expect(answer.status).toBe(303);
  });

  it('forbids framing, caching and foreign content on every page (AS-34)', async () => {
    const stranger = house.browser();
    await stranger.open(url({}));
    const broken = await ask(house.endpoint('authorize'));
    for (const { answer } of [...stranger.pages, { answer: broken }]) {
      expect(answer.header('content-security-policy')).toMatch(
        /default-src 'none'.*frame-ancestors 'none'|frame-ancestors 'none'.*default-src 'none'/,
      );
      expect(answer.header('x-frame-options')).toBe('DENY');
      expect(answer.header('cache-control')).toContain('no-store');
      expect(answer.header('x-content-type-options')).toBe('nosniff');
    }
  });
});
