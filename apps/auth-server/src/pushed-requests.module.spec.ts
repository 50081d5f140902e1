import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { TrialClient } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('pushed authorization requests over HTTP (AS-113)', () => {
  let server: TrialServer;
  let client: TrialClient;

  const start = async (settings: Readonly<Record<string, string>> = {}) => {
    server = await startTrialServer(settings);
    client = await TrialClient.register(server.app);
  };
  beforeEach(() => start());
  afterEach(() => server.close());

  const push = (payload = client.authorizeQuery(), headers: object = FORM) =>
    server.app.inject({ method: 'POST', url: '/par', headers: { ...headers }, payload });
  const pushed = async () => (await push()).json<{ request_uri: string }>().request_uri;
  const bring = (browser: Browser, request_uri: string, more: Record<string, string> = {}) =>
    browser.get(`/authorize?${new URLSearchParams({ client_id: client.id, request_uri, ...more }).toString()}`);

  it('are answered with 201, stored by no cache, and lead to tokens', async () => {
    const answer = await push();
    expect([answer.statusCode, answer.headers['cache-control'], answer.headers.pragma]).toEqual([
      201,
      'no-store',
      'no-cache',
    ]);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    const { request_uri, expires_in } = answer.json<{ request_uri: string; expires_in: number }>();
    expect(expires_in).toBe(60);
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await bring(browser, request_uri));
    const consent = await browser.follow(
      await browser.submit(signIn, 'sign-in', { username: 'anna', password: PASSWORD }),
    );
    const callback = new URL((await browser.submit(consent, 'consent', { decision: 'approve' })).location ?? '');
    expect(callback.searchParams.get('state')).toBe('a state');
    expect((await client.redeem(callback.searchParams.get('code') ?? '')).statusCode).toBe(200);
  });

  it('are a page, never a redirect, when they come twice, too late or from another client', async () => {
    const stranger = await TrialClient.register(server.app, { client_name: 'Stranger' });
    const used = await pushed();
    await bring(new Browser(server.app), used);
    const other = await pushed();
    const late = await pushed();
    const refused = [
      await bring(new Browser(server.app), used),
      await bring(new Browser(server.app), other, { client_id: stranger.id }),
    ];
    server.clock.advance(60);
    refused.push(await bring(new Browser(server.app), late));
    for (const page of refused) {
      expect([page.status, page.location]).toEqual([400, undefined]);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.body).toContain('invalid_request_uri');
    }
  });

  it('are refused as JSON with the error that the browser would have brought', async () => {
    const bad = await push(client.authorizeQuery({ scope: 'no:such' }));
    expect([bad.statusCode, bad.json<{ error: string }>().error]).toEqual([400, 'invalid_scope']);
    const foreign = await push(client.authorizeQuery({ redirect_uri: 'https://evil.example/cb' }));
    expect([foreign.statusCode, foreign.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
    const nested = await push(client.authorizeQuery({ request_uri: await pushed() }));
    expect([nested.statusCode, nested.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
    const unknown = await push(client.authorizeQuery({ client_id: 'c_nobody' }));
    expect([unknown.statusCode, unknown.json<{ error: string }>().error]).toEqual([400, 'invalid_client']);
    for (const answer of [bad, foreign, nested, unknown]) expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('come by POST, as a form, and not larger than any other', async () => {
    const get = await server.app.inject({ url: `/par?${client.authorizeQuery()}` });
    expect([get.statusCode, get.headers.allow]).toEqual([405, 'OPTIONS, POST']);
    const json = await push('{}', { 'content-type': 'application/json' });
    expect(json.statusCode).toBe(400);
    const large = await push(`${client.authorizeQuery()}&x=${'a'.repeat(3_000_000)}`);
    expect(large.statusCode).toBe(413);
    expect(server.database.pushedRequests.size).toBe(0);
  });

  it('are limited by network, with a time to come back', async () => {
    await server.close();
    await start({ AUTHORIZATION_LIMIT_PER_NETWORK: '3/60' });
    for (let turn = 0; turn < 3; turn += 1) expect((await push()).statusCode).toBe(201);
    const refused = await push();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60']);
    expect(refused.json<{ error: string }>().error).toBe('too_many_requests');
  });

  it('are the only way where the operator wants them, and the metadata says so', async () => {
    await server.close();
    await start({ REQUIRE_PUSHED_REQUESTS: 'on' });
    const metadata = (await server.app.inject({ url: '/.well-known/oauth-authorization-server' })).json<object>();
    expect(metadata).toMatchObject({
      pushed_authorization_request_endpoint: 'http://127.0.0.1:4000/par',
      require_pushed_authorization_requests: true,
    });
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await browser.get(client.authorizePath()));
    const refusal = await browser.follow(
      await browser.submit(signIn, 'sign-in', { username: 'anna', password: PASSWORD }),
    );
    expect(refusal.body).toContain('Access cannot be given');
    const own = await browser.follow(await bring(browser, await pushed()));
    expect(own.body).toContain('<h1>Allow');
  });

  it('leave neither their name nor their content in the log', async () => {
    const request_uri = await pushed();
    await bring(new Browser(server.app), request_uri);
    await bring(new Browser(server.app), request_uri);
    const log = server.log.join('\n');
    expect(log).toContain('unknown_pushed_request');
    expect(log).not.toContain(request_uri.slice(-20));
    expect(log).not.toContain('a state');
  });
});
