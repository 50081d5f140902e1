import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { TrialClient, codeFor, toConsent } from './testing/client.js';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

describe('what is counted', () => {
  let server: TrialServer;
  beforeAll(async () => {
    server = await startTrialServer({
      TOKEN_LIMIT: '3/60',
      REGISTRATION_LIMIT_PER_NETWORK: '2/60',
      AUTHORIZATION_LIMIT_PER_NETWORK: '100/60',
    });
  });
  afterAll(() => server.close());

  const tokensOf = async (client: TrialClient) => {
    const answer = await client.redeem(await codeFor(new Browser(server.app), client));
    expect(answer.statusCode).toBe(200);
    return answer.json<{ refresh_token: string }>().refresh_token;
  };
  const register = (name: string, remoteAddress: string) =>
    server.app.inject({
      method: 'POST',
      url: '/register',
      remoteAddress,
      payload: { client_name: name, redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' },
    });

  it('lets a client that runs in a circle wait, and no other client, and nothing that was refused counts', async () => {
    const [circling, honest] = [
      await TrialClient.register(server.app),
      await TrialClient.register(server.app, { client_name: 'Other' }),
    ];
    let refresh = await tokensOf(circling);
    for (let turn = 0; turn < 2; turn += 1) {
      for (let wrong = 0; wrong < 3; wrong += 1) expect((await circling.refresh('ghr_wrong')).statusCode).toBe(400);
      const answer = await circling.refresh(refresh);
      expect(answer.statusCode).toBe(200);
      refresh = answer.json<{ refresh_token: string }>().refresh_token;
    }
    const limited = await circling.refresh(refresh);
    expect([limited.statusCode, limited.headers['retry-after'], limited.json()]).toEqual([
      429,
      '60',
      expect.objectContaining({ error: 'too_many_requests' }),
    ]);
    await tokensOf(honest);
    server.clock.advance(60);
    expect((await circling.refresh(refresh)).statusCode).toBe(200);
  });

  it('slows new registrations of a network down, and answers those that are registered already (AS-104)', async () => {
    expect((await register('hosted assistant', '198.51.100.9')).statusCode).toBe(201);
    const [first, second, third] = [
      await register('flood 1', '203.0.113.9'),
      await register('flood 2', '203.0.113.9'),
      await register('flood 3', '203.0.113.9'),
    ];
    expect([first, second, third].map(({ statusCode }) => statusCode)).toEqual([201, 201, 429]);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect((await register('hosted assistant', '203.0.113.9')).statusCode).toBe(201);
    expect((await register('flood 4', '203.0.113.10')).statusCode).toBe(201);
  });

  it('counts and logs a refusal that leaves by redirect, with its reason, once', async () => {
    const client = await TrialClient.register(server.app, { client_name: 'Refused' });
    const count = async (endpoint: string, code: string, reason: string) => {
      const line = `gatehouse_refusals_total\\{endpoint="${endpoint}",code="${code}",reason="${reason}"\\} (\\d+)`;
      return Number(new RegExp(line).exec(await server.metrics.text())?.[1] ?? 0);
    };
    const browser = new Browser(server.app);
    const denied = await browser.submit(await toConsent(browser, client), 'consent', { decision: 'deny' });
    expect(denied.location).toContain('error=access_denied');
    expect(await count('consent', 'access_denied', 'consent_denied')).toBe(1);
    const refused = await toConsent(browser, client, 'anna', { scope: 'nobody:knows' });
    expect(await count('refusal', 'invalid_scope', 'unknown_scope')).toBe(0);
    const back = await browser.submit(refused, 'refusal', {});
    expect(back.location).toContain('error=invalid_scope');
    expect(await count('refusal', 'invalid_scope', 'unknown_scope')).toBe(1);
    const logged = server.log.filter((line) => line.includes('"unknown_scope"'));
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain('nobody:knows');
  });

  it('counts nothing as refused of a journey that ends well', async () => {
    const before = await server.metrics.text();
    const refusals = (text: string) => text.split('\n').filter((line) => line.startsWith('gatehouse_refusals_total'));
    await codeFor(new Browser(server.app), await TrialClient.register(server.app, { client_name: 'Good' }));
    expect(refusals(await server.metrics.text())).toEqual(refusals(before));
  });
});

describe('authorization requests beyond the limit of their network', () => {
  it('are refused with a page, but not to a person who is signed in: a flood beside her is not hers', async () => {
    const server = await startTrialServer({ AUTHORIZATION_LIMIT_PER_NETWORK: '3/60' });
    try {
      const client = await TrialClient.register(server.app);
      const anna = new Browser(server.app);
      await codeFor(anna, client);
      const stranger = () => new Browser(server.app).get(client.authorizePath());
      const strangers = [await stranger(), await stranger(), await stranger()];
      expect(strangers.map(({ status }) => status)).toEqual([303, 303, 429]);
      expect((await toConsent(anna, client)).body).toContain('invoices');
      const hers = [];
      for (let turn = 0; turn < 3; turn += 1) hers.push((await anna.get(client.authorizePath())).status);
      expect(hers).toEqual([303, 303, 429]);
      const pretender = new Browser(server.app);
      pretender.cookies.set([...anna.cookies.keys()].find((name) => name.includes('session')) ?? '', 'ghw_made-up');
      expect((await pretender.get(client.authorizePath())).status).toBe(429);
    } finally {
      await server.close();
    }
  });
});
