import { afterAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  form,
  isSignIn,
  LOOPBACK_CALLBACK,
  type LogoutReceiver,
  PageAgent,
  startLogoutReceiver,
  tokensOf,
} from '@gatehouse/test-kit';
import { decodeJwt } from 'jose';
import { anna, ben, house, invoices, stack } from '../flows/house.js';

const BYE = 'https://app.example/bye';
const receivers: LogoutReceiver[] = [];
afterAll(() => Promise.all(receivers.map((each) => each.close())));

async function signedIn(metadata: object = {}, account = anna) {
  const client = await house.register({ post_logout_redirect_uris: [BYE], ...metadata });
  const browser = new PageAgent();
  const pending = house.begin(client, { scope: 'openid' });
  const code = await house.approve(browser, pending, { account });
  const tokens = tokensOf(await house.redeem(pending, code)) as unknown as { id_token: string; access_token: string };
  return { client, browser, ...tokens };
}
const logout = (parameters: Readonly<Record<string, string>> = {}) =>
  `${stack.issuer}/logout?${new URLSearchParams(parameters).toString()}`;
async function isSignedIn(browser: PageAgent): Promise<boolean> {
  const pending = house.begin(await house.register(), { resource: invoices, scope: 'invoices:read' });
  return !isSignIn(await browser.open(pending.url, LOOPBACK_CALLBACK));
}
async function receiver(): Promise<LogoutReceiver> {
  const started = await startLogoutReceiver();
  receivers.push(started);
  return started;
}

describe('a page of somebody else that signs people out', () => {
  it('gets no further than the question, by link, by form, and with a token of its own', async () => {
    const { browser } = await signedIn();
    const mallory = await signedIn({}, ben);
    for (const parameters of [{}, { client_id: mallory.client.client_id }, { id_token_hint: mallory.id_token }])
      expect(await browser.open(logout(parameters as Record<string, string>), BYE)).toMatchObject({
        kind: 'page',
        status: 200,
        forms: [expect.objectContaining({ method: 'post' })],
      });
    for (const site of ['cross-site', 'same-site'])
      for (const csrf of ['', 'A'.repeat(43)]) {
        const headers = { origin: 'https://evil.example', 'sec-fetch-site': site };
        const request = form({ decision: 'sign-out', csrf }, headers);
        expect((await browser.exchange(`${stack.issuer}/logout/confirm`, request)).status).toBe(403);
      }
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('cannot have the question answered in a frame', async () => {
    const { browser } = await signedIn();
    const page = await browser.open(logout());
    if (page.kind !== 'page') throw new Error('no page');
    expect(page.answer.header('x-frame-options')).toBe('DENY');
    expect(page.answer.header('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('a hint that is none', () => {
  it('ends no session without a question and leads nowhere, forged, foreign or of another kind', async () => {
    const { browser, id_token: good, access_token: access } = await signedIn();
    const [header = '', payload = '', signature = ''] = good.split('.');
    const other = JSON.stringify({ ...decodeJwt(good), sub: 'somebody' });
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const id_token_hint of [
      `${header}.${Buffer.from(other).toString('base64url')}.${signature}`,
      `${none}.${payload}.`,
      access,
      'a.b.c',
    ])
      expect(await browser.open(logout({ id_token_hint, post_logout_redirect_uri: BYE }), BYE)).toMatchObject({
        kind: 'page',
        status: 200,
      });
    expect(await isSignedIn(browser)).toBe(true);
    expect(await browser.open(logout({ id_token_hint: good, post_logout_redirect_uri: BYE }), BYE)).toMatchObject({
      kind: 'callback',
      url: BYE,
    });
  });

  it('does not make the server a redirector: an address counts to the letter, and only with a hint', async () => {
    const { browser, client, id_token: id_token_hint } = await signedIn();
    for (const uri of [
      'https://evil.example/',
      `${BYE}/../x`,
      `${BYE}#x`,
      'https://app.example.evil.example/bye',
      'https://app.example@evil.example/bye',
      LOOPBACK_CALLBACK,
    ])
      expect(await browser.open(logout({ id_token_hint, post_logout_redirect_uri: uri }), uri)).toMatchObject({
        kind: 'page',
        status: 400,
      });
    const named = logout({ client_id: client.client_id, post_logout_redirect_uri: BYE });
    expect(await browser.open(named, BYE)).toMatchObject({ kind: 'page', status: 200 });
    expect(await new PageAgent().open(named, BYE)).toMatchObject({ kind: 'page', status: 200 });
  });

  it('is refused at registration where an address would run or hide something', async () => {
    for (const uri of ['javascript:alert(1)', 'https://app.example/#x', 'http://app.example/', 'https://a@b.example/'])
      expect((await house.registration({ post_logout_redirect_uris: [uri] })).status).toBe(400);
  });
});

describe('prompt=none', () => {
  it('does not send people on to a client that anybody could have registered', async () => {
    const evil = 'https://evil.example/cb';
    const client = await house.register({ redirect_uris: [evil], application_type: 'web' });
    const { browser } = await signedIn();
    for (const visitor of [new PageAgent(), browser]) {
      const { url } = house.begin(client, { scope: 'openid', parameters: { prompt: 'none', redirect_uri: evil } });
      const page = await visitor.open(url, evil);
      expect(page).toMatchObject({ kind: 'page', status: 200 });
      expect(page.kind === 'page' && page.text).toContain('evil.example');
    }
  });
});

describe('a logout token', () => {
  it('opens nothing, and is no ID token, wherever it is shown', async () => {
    const told = await receiver();
    const { browser, client, id_token: id_token_hint } = await signedIn({ backchannel_logout_uri: told.uri });
    await browser.open(logout({ id_token_hint }));
    const [token = ''] = await told.waitFor(1);
    const authorization = `Bearer ${token}`;
    expect((await ask(invoices, { method: 'POST', headers: { authorization } })).status).toBe(401);
    expect((await house.ask('userinfo', { headers: { authorization } })).status).toBe(401);
    const { clientId, clientSecret } = stack.introspection;
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const introspected = await house.ask('introspect', form({ token }, { authorization: basic }));
    expect(introspected.json()).toEqual({ active: false });
    // As a hint it says nothing: the next person is not signed out by it, and nobody is sent on.
    const again = await signedIn();
    const page = await again.browser.open(logout({ id_token_hint: token, post_logout_redirect_uri: BYE }), BYE);
    expect(page).toMatchObject({ kind: 'page', status: 200 });
    expect(await isSignedIn(again.browser)).toBe(true);
    const pending = house.begin(client, { scope: 'openid', parameters: { id_token_hint: token } });
    expect(isSignIn(await again.browser.open(pending.url, LOOPBACK_CALLBACK))).toBe(true);
  }, 60_000);
});

describe('an address for logout tokens', () => {
  it('is https and plain, or the registration is refused', async () => {
    for (const uri of [
      'http://app.example/out',
      'http://169.254.169.254/latest',
      'https://user:pass@app.example/out',
      'https://app.example/out#x',
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_FLUSHALL',
      `https://app.example/${'x'.repeat(2000)}`,
    ]) {
      const answer = await house.registration({ backchannel_logout_uri: uri });
      expect([uri, answer.status, answer.json<{ error: string }>().error]).toEqual([
        uri,
        400,
        'invalid_client_metadata',
      ]);
    }
  });

  it('is where a token goes and nowhere else: a redirect leads to nobody, an address inside is not called', async () => {
    const [inside, front, honest] = [await receiver(), await receiver(), await receiver()];
    front.answer(302, inside.uri);
    const { browser, id_token: id_token_hint } = await signedIn({ backchannel_logout_uri: front.uri });
    for (const uri of ['https://169.254.169.254/latest/meta-data', 'https://[::ffff:10.0.0.1]/out', honest.uri]) {
      const client = await house.register({ backchannel_logout_uri: uri });
      const pending = house.begin(client, { scope: 'openid' });
      await house.redeem(pending, await house.approve(browser, pending, { account: anna }));
    }
    await browser.open(logout({ id_token_hint }));
    await Promise.all([front.waitFor(1), honest.waitFor(1)]);
    expect(inside.tokens).toEqual([]);
  }, 60_000);
});
