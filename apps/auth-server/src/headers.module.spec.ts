import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { Browser, type Page } from './testing/browser.js';
import { TrialClient, approve, toConsent } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const ORIGIN = { origin: 'https://app.example' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('headers and statuses', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeAll(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());

  /** Every kind of page a person can come to see. */
  async function pages(): Promise<Record<string, Page>> {
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await browser.get(client.authorizePath()));
    return {
      signIn,
      failed: await browser.submit(signIn, 'sign-in', { username: 'anna', password: 'wrong wrong wrong' }),
      consent: await toConsent(new Browser(server.app), client),
      refusal: await toConsent(new Browser(server.app), client, 'anna', { scope: 'no:such' }),
      error: await browser.get('/authorize?client_id=nobody'),
      notFound: await browser.get('/nowhere'),
    };
  }

  it('forbids every page to be framed, scripted, stored or used by a form of somebody else', async () => {
    for (const [name, page] of Object.entries(await pages())) {
      const policy = String(page.headers['content-security-policy']);
      expect([name, page.headers['x-frame-options']]).toEqual([name, 'DENY']);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|script-src/);
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.headers['x-content-type-options']).toBe('nosniff');
      // With no-referrer browsers would send `Origin: null` with our own forms, and we would refuse them.
      expect(page.headers['referrer-policy']).toBe('same-origin');
      expect(page.body).not.toMatch(/<script|<img|<link|javascript:/i);
    }
  });

  it('lets the forms lead to the client of this journey and to nobody else', async () => {
    const { signIn, failed, consent, refusal, error } = await pages();
    for (const page of [signIn, failed, consent, refusal])
      expect(page?.headers['content-security-policy']).toContain("form-action 'self' http://127.0.0.1:51234;");
    expect(error?.headers['content-security-policy']).toContain("form-action 'self';");
  });

  it('lets the answer reach a client that listens on IPv6 loopback', async () => {
    const native = await TrialClient.register(server.app, { redirect_uris: ['http://[::1]/callback'] });
    const consent = await toConsent(new Browser(server.app), native, 'anna', {
      redirect_uri: 'http://[::1]:5123/callback',
    });
    // Source expressions have no IPv6 addresses; the port still binds it to one listener.
    expect(consent.headers['content-security-policy']).toContain("form-action 'self' http://*:5123;");
    expect(consent.body).toContain('[::1]:5123');
  });

  it('sends no CORS header from the authorization endpoint and the pages', async () => {
    const urls = [
      client.authorizePath(),
      '/authorize?client_id=nobody',
      '/interaction/x',
      '/introspect',
      '/health/live',
    ];
    for (const url of urls) {
      const answer = await server.app.inject({ url, headers: ORIGIN });
      expect([url, answer.headers['access-control-allow-origin']]).toEqual([url, undefined]);
      const preflight = await server.app.inject({ method: 'OPTIONS', url, headers: ORIGIN });
      expect([url, preflight.statusCode]).toEqual([url, 405]);
    }
  });

  it('lets scripts of any origin read metadata and keys and call token, registration and revocation', async () => {
    for (const [url, method] of [
      ['/.well-known/oauth-authorization-server', 'GET'],
      ['/.well-known/openid-configuration', 'GET'],
      ['/jwks.json', 'GET'],
      ['/token', 'POST'],
      ['/register', 'POST'],
      ['/revoke', 'POST'],
    ] as const) {
      const preflight = await server.app.inject({
        method: 'OPTIONS',
        url,
        headers: {
          ...ORIGIN,
          'access-control-request-method': method,
          'access-control-request-headers': 'mcp-protocol-version,content-type',
        },
      });
      expect([url, preflight.statusCode]).toEqual([url, 204]);
      expect(preflight.headers['access-control-allow-origin']).toBe('*');
      expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
      expect(String(preflight.headers['access-control-allow-headers']).toLowerCase()).toContain('mcp-protocol-version');
      const answer = await server.app.inject({ method, url, headers: ORIGIN });
      expect([url, answer.headers['access-control-allow-origin']]).toEqual([url, '*']);
    }
  });

  it('redirects with 303 after every form, so that no browser repeats a password to a client', async () => {
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await browser.get(client.authorizePath()));
    const signedIn = await browser.submit(signIn, 'sign-in', { username: 'anna', password: PASSWORD });
    const consent = await browser.follow(signedIn);
    const switched = await browser.submit(consent, 'switch-account');
    const again = await browser.follow(switched);
    const consentAgain = await browser.follow(
      await browser.submit(again, 'sign-in', { username: 'anna', password: PASSWORD }),
    );
    const decided = await browser.submit(consentAgain, 'consent', { decision: 'deny' });
    const posted = await new Browser(server.app).post('/authorize', [...new URLSearchParams(client.authorizeQuery())]);
    expect([signedIn, switched, decided, posted].map(({ status }) => status)).toEqual([303, 303, 303, 303]);
  });

  it('keeps tokens and their refusals out of every cache', async () => {
    const code = (await approve(new Browser(server.app), client)).searchParams.get('code') ?? '';
    for (const answer of [
      await client.redeem(code),
      await client.redeem(code),
      await client.token({ grant_type: 'x' }),
    ])
      expect([answer.headers['cache-control'], answer.headers.pragma]).toEqual(['no-store', 'no-cache']);
  });

  it('answers token errors with 400, and 401 with a challenge when a client tried Basic', async () => {
    const cases: [Record<string, string>, object, number, string][] = [
      [{}, {}, 400, 'invalid_request'],
      [{ grant_type: 'password' }, {}, 400, 'unsupported_grant_type'],
      [{ grant_type: 'authorization_code', code: 'ghc_x', code_verifier: 'v'.repeat(43) }, {}, 400, 'invalid_grant'],
      [{ grant_type: 'refresh_token', refresh_token: 'ghr_x' }, {}, 400, 'invalid_grant'],
      [
        { grant_type: 'refresh_token', refresh_token: 'ghr_x' },
        { authorization: basic(client.id, 'wrong') },
        401,
        'invalid_client',
      ],
      [{ grant_type: 'refresh_token', refresh_token: 'ghr_x' }, { authorization: 'Basic %%%' }, 401, 'invalid_client'],
    ];
    for (const [parameters, headers, status, error] of cases) {
      const answer = await client.token(parameters, headers);
      expect([parameters, answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
        parameters,
        status,
        error,
      ]);
      expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
    }
  });

  it('takes a form body at the token endpoint and nothing else', async () => {
    const get = await server.app.inject({ url: '/token?grant_type=refresh_token' });
    expect([get.statusCode, get.headers.allow]).toEqual([405, 'OPTIONS, POST']);
    const json = await server.app.inject({ method: 'POST', url: '/token', payload: { grant_type: 'refresh_token' } });
    expect([json.statusCode, json.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
    const query = await server.app.inject({
      method: 'POST',
      url: '/token?client_secret=ghs_x',
      headers: FORM,
      payload: `grant_type=refresh_token&refresh_token=x&client_id=${client.id}`,
    });
    expect([query.statusCode, query.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
    const large = await server.app.inject({
      method: 'POST',
      url: '/token',
      headers: FORM,
      payload: `a=${'x'.repeat(70_000)}`,
    });
    expect([large.statusCode, large.json<{ error: string }>().error]).toEqual([413, 'invalid_request']);
  });

  it('registers with 201 and no-store, and limits registrations of a network with a time to come back', async () => {
    const limited = await startTrialServer({ REGISTRATION_LIMIT_PER_NETWORK: '2/60' });
    try {
      const register = (remoteAddress: string) =>
        limited.app.inject({
          method: 'POST',
          url: '/register',
          payload: { redirect_uris: ['http://127.0.0.1/cb'] },
          remoteAddress,
        });
      const first = await register('192.0.2.1');
      expect([first.statusCode, first.headers['cache-control']]).toEqual([201, 'no-store']);
      expect((await register('192.0.2.1')).statusCode).toBe(201);
      const third = await register('192.0.2.1');
      expect([third.statusCode, third.headers['retry-after']]).toEqual([429, '60']);
      expect((await register('192.0.2.2')).statusCode).toBe(201);
      limited.clock.advance(61);
      expect((await register('192.0.2.1')).statusCode).toBe(201);
    } finally {
      await limited.close();
    }
  });

  it('writes no code, token, state, cookie or password into the log, and only closed labels into metrics', async () => {
    const browser = new Browser(server.app);
    const callback = await approve(browser, client, 'anna', { state: 'very-private-state' });
    const code = callback.searchParams.get('code') ?? '';
    const { refresh_token } = (await client.redeem(code)).json<{ refresh_token: string }>();
    await client.refresh(refresh_token);
    await server.app.inject({ url: '/authorize?client_id=label"injected}' });
    const log = server.log.join('');
    for (const secret of [code, refresh_token, 'very-private-state', PASSWORD, ...browser.cookies.values()])
      expect(log).not.toContain(secret);
    expect(log).toContain('"reason":"unknown_client"');
    const metrics = await server.metrics.text();
    expect(metrics).toMatch(/gatehouse_tokens_issued_total\{grant="refresh_token"\} \d+/);
    expect(metrics).toMatch(
      /gatehouse_refusals_total\{endpoint="authorize",code="invalid_client",reason="unknown_client"\} \d+/,
    );
    expect(metrics).not.toContain('injected');
  });
});
