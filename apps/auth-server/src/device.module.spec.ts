import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, type Page } from './testing/browser.js';
import { TrialClient } from './testing/client.js';
import { INVOICES, PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
}

describe('device authorization over HTTP (AS-114)', () => {
  let server: TrialServer;
  let client: TrialClient;

  const start = async (settings: Readonly<Record<string, string>> = {}) => {
    server = await startTrialServer({ DEVICE_AUTHORIZATION: 'on', ...settings });
    client = await TrialClient.register(server.app, {
      client_name: 'Wall display',
      redirect_uris: undefined,
      response_types: [],
      grant_types: [GRANT, 'refresh_token'],
    });
  };
  beforeEach(() => start());
  afterEach(() => server.close());

  const ask = (parameters: Readonly<Record<string, string>> = {}) =>
    server.app.inject({
      method: 'POST',
      url: '/device_authorization',
      headers: FORM,
      remoteAddress: '198.51.100.7',
      payload: new URLSearchParams({
        client_id: client.id,
        resource: INVOICES,
        scope: 'invoices:read invoices:write',
        ...parameters,
      }).toString(),
    });
  const begin = async () => (await ask()).json<Device>();
  const poll = async (device_code: string) => {
    const answer = await client.token({ grant_type: GRANT, device_code });
    return { status: answer.statusCode, ...answer.json<{ error?: string; scope?: string; access_token?: string }>() };
  };
  async function signedIn(url: string, username = 'anna', browser = new Browser(server.app)) {
    const page = await browser.follow(await browser.get(url));
    const next = await browser.submit(page, 'sign-in', { username, password: PASSWORD });
    return { browser, signIn: page, page: await browser.follow(next) };
  }
  async function toConsent(device: Device, username = 'anna'): Promise<{ browser: Browser; page: Page }> {
    const { browser, page } = await signedIn(device.verification_uri, username);
    const entered = await browser.submit(page, 'user-code', { user_code: device.user_code });
    expect(entered.status).toBe(303);
    return { browser, page: await browser.follow(entered) };
  }

  it('leads from the code on a device over sign-in, code page and consent to tokens', async () => {
    const answer = await ask();
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const device = answer.json<Device>();
    expect(device).toMatchObject({
      verification_uri: 'http://127.0.0.1:4000/device',
      verification_uri_complete: `http://127.0.0.1:4000/device?user_code=${device.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    expect(await poll(device.device_code)).toMatchObject({ status: 400, error: 'authorization_pending' });
    const { browser, page } = await toConsent(device);
    for (const shown of [
      'Wall display',
      'Invoices',
      INVOICES,
      '198.51.100.7',
      'See invoices',
      'Create invoices',
      'UTC',
    ])
      expect(page.body).toContain(shown);
    expect(page.body).toContain('Only go on if you started this yourself, on your device');
    expect(page.body).not.toContain('The answer goes to');
    const approved = await browser.submit(page, 'consent', { decision: 'approve', scope: 'invoices:read' });
    expect([approved.status, approved.location]).toEqual([303, 'http://127.0.0.1:4000/device/approved']);
    expect((await browser.follow(approved)).body).toContain('<h1>Your device is connected</h1>');
    server.clock.advance(5);
    expect(await poll(device.device_code)).toMatchObject({ status: 200, scope: 'invoices:read' });
    expect(await poll(device.device_code)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('fills in the code of a complete link, tells the person to compare it, and approves nothing by itself', async () => {
    const device = await begin();
    const { browser, signIn, page } = await signedIn(device.verification_uri_complete);
    expect(signIn.body).not.toContain(device.user_code);
    expect(page.body).toContain(`value="${device.user_code}"`);
    expect(page.body).toContain('Does your device show exactly this code?');
    expect(page.body).toContain('Only go on if you have just started this yourself');
    expect((await poll(device.device_code)).error).toBe('authorization_pending');
    const consent = await browser.follow(await browser.submit(page, 'user-code'));
    expect(consent.body).toContain('<h1>Allow');
    server.clock.advance(5);
    expect((await poll(device.device_code)).error).toBe('authorization_pending');
  });

  it('brings a denial to the device', async () => {
    const device = await begin();
    const { browser, page } = await toConsent(device);
    const denied = await browser.submit(page, 'consent', { decision: 'deny' });
    expect(denied.location).toBe('http://127.0.0.1:4000/device/denied');
    expect((await browser.follow(denied)).body).toContain('Nothing was connected');
    expect(await poll(device.device_code)).toMatchObject({ status: 400, error: 'access_denied' });
  });

  it('shows a refusal that leads to the device, not away, to a person who may grant nothing', async () => {
    const answer = await ask({ scope: 'invoices:refund' });
    const device = answer.json<Device>();
    const { browser, page } = await toConsent(device, 'ben');
    expect(page.body).toContain('Tell the device');
    const back = await browser.submit(page, 'refusal');
    expect(back.location).toBe('http://127.0.0.1:4000/device/denied');
    expect((await poll(device.device_code)).error).toBe('access_denied');
  });

  it('answers polls that come too often with slow_down and 400, not with 429', async () => {
    const { device_code } = await begin();
    await poll(device_code);
    expect(await poll(device_code)).toMatchObject({ status: 400, error: 'slow_down' });
    server.clock.advance(10);
    expect(await poll(device_code)).toMatchObject({ status: 400, error: 'authorization_pending' });
    server.clock.advance(600);
    expect(await poll(device_code)).toMatchObject({ status: 400, error: 'expired_token' });
  });

  it('comes back with the form for a wrong code, and stops a guesser with 429, the right code included', async () => {
    const device = await begin();
    const { browser, page } = await signedIn(device.verification_uri);
    let last = page;
    for (let turn = 0; turn < 10; turn += 1) {
      last = await browser.submit(last, 'user-code', { user_code: 'BBBB-BBBB' });
      expect([last.status, last.body.includes('This code is not known, or it is too old.')]).toEqual([400, true]);
      expect(last.body).not.toContain('value="BBBB');
    }
    const stopped = await browser.submit(last, 'user-code', { user_code: device.user_code });
    expect([stopped.status, stopped.headers['retry-after']]).toEqual([429, '900']);
    expect(stopped.body).toContain('Too many attempts');
    expect(server.audit.events.filter(({ type }) => type === 'user_code.refused')).toHaveLength(10);
    const { page: bens } = await toConsent(device, 'ben');
    expect(bens.body).toContain('<h1>Allow');
  });

  it('stops guesses of many accounts from one network', async () => {
    await server.close();
    await start({ USER_CODE_LIMIT_PER_NETWORK: '3/900' });
    const { browser, page } = await signedIn('/device');
    for (let turn = 0; turn < 3; turn += 1)
      expect((await browser.submit(page, 'user-code', { user_code: 'BBBB-BBBB' })).status).toBe(400);
    const ben = await signedIn('/device', 'ben');
    expect((await ben.browser.submit(ben.page, 'user-code', { user_code: 'BBBB-BBBB' })).status).toBe(429);
    const elsewhere = await signedIn('/device', 'ben', new Browser(server.app, undefined, '203.0.113.4'));
    expect((await elsewhere.browser.submit(elsewhere.page, 'user-code', { user_code: 'BBBB-BBBB' })).status).toBe(400);
  });

  it('takes the code from our own page in this browser only', async () => {
    const device = await begin();
    const { browser, page } = await signedIn(device.verification_uri);
    const fields = { user_code: device.user_code };
    const forged = await browser.submit(page, 'user-code', { ...fields, csrf: 'x'.repeat(43) });
    expect(forged.status).toBe(403);
    const path = /action="([^"]*user-code)"/.exec(page.body)?.[1] ?? '';
    const crossSite = await browser.post(path, fields, {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    });
    expect(crossSite.status).toBe(403);
    expect((await new Browser(server.app).submit(page, 'user-code', fields)).status).toBe(403);
    expect((await browser.submit(page, 'user-code', fields)).status).toBe(303);
  });

  it('has pages that run nothing, are framed by nobody and lead nowhere but here', async () => {
    const device = await begin();
    const { browser, signIn, page } = await signedIn(device.verification_uri_complete);
    const consent = await browser.follow(await browser.submit(page, 'user-code'));
    const done = await browser.get('/device/approved');
    for (const each of [signIn, page, consent, done]) {
      const policy = String(each.headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toMatch(/form-action 'self';/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(each.headers['cache-control']).toBe('no-store');
      expect(each.body).not.toContain('<script');
    }
    for (const form of [page, consent]) {
      for (const [, id] of form.body.matchAll(/<input[^>]*\bid="([^"]+)"/g)) expect(form.body).toContain(`for="${id}"`);
      expect(form.body).toMatch(/<h1>/);
    }
  });

  it('puts nothing of a link on a page that is not a code', async () => {
    const { page } = await signedIn('/device?user_code=%3Cscript%3Ealert(1)%3C/script%3E');
    expect(page.body).not.toContain('alert(1)');
    expect(page.body).toContain('Code on your device');
  });

  it('leaves no code of either kind in log, metrics or store', async () => {
    const device = await begin();
    const { browser, page } = await signedIn(device.verification_uri_complete);
    await browser.submit(page, 'user-code');
    await poll(device.device_code);
    const kept = JSON.stringify([
      server.log,
      server.metrics,
      [...server.database.devices.values()],
      [...server.database.interactions.values()],
    ]);
    expect(kept).not.toContain(device.device_code);
    expect(kept).not.toContain(device.user_code);
    expect(kept).not.toContain(device.user_code.replace('-', ''));
  });
});

describe('a server that does not let devices ask (AS-114)', () => {
  it('has neither endpoint, page, grant nor metadata of it, and registers no client for it', async () => {
    const server = await startTrialServer();
    try {
      const client = await TrialClient.register(server.app, {
        grant_types: ['authorization_code', 'refresh_token', GRANT],
      });
      for (const [method, url] of [
        ['POST', '/device_authorization'],
        ['GET', '/device'],
        ['GET', '/device/approved'],
      ] as const)
        expect(
          (await server.app.inject({ method, url, ...(method === 'POST' ? { headers: FORM } : {}) })).statusCode,
        ).toBe(404);
      const metadata = await server.app.inject({ url: '/.well-known/oauth-authorization-server' });
      expect(metadata.body).not.toContain('device');
      const token = await client.token({ grant_type: GRANT, device_code: 'ghd_x' });
      expect(token.json()).toMatchObject({ error: 'unsupported_grant_type' });
      const device = await server.app.inject({
        method: 'POST',
        url: '/register',
        payload: { grant_types: [GRANT], token_endpoint_auth_method: 'none' },
      });
      expect(device.json()).toMatchObject({ error: 'invalid_client_metadata' });
    } finally {
      await server.close();
    }
  });
});
