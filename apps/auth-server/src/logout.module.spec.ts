import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, formOf, type Page } from './testing/browser.js';
import { approve, REDIRECT_URI, TrialClient, toConsent } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const HOME = 'https://app.example/bye';

describe('signing out', () => {
  let server: TrialServer;
  let client: TrialClient;
  let anna: Browser;

  beforeEach(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app, { post_logout_redirect_uris: [HOME] });
    anna = new Browser(server.app);
  });
  afterEach(() => server.close());

  async function idToken(browser: Browser, username = 'anna'): Promise<string> {
    const answer = await approve(browser, client, username, { scope: 'openid', resource: undefined });
    const tokens = await client.redeem(answer.searchParams.get('code') ?? '');
    return tokens.json<{ id_token: string }>().id_token;
  }
  const logout = (parameters: Readonly<Record<string, string>> = {}) =>
    `/logout?${new URLSearchParams(parameters).toString()}`;
  const isSignedIn = async (browser: Browser) => {
    const page = await browser.follow(await browser.get(client.authorizePath()));
    return !page.body.includes('<h1>Sign in</h1>');
  };
  const refused = (page: Page) => [page.status, page.body.includes('This did not work')];

  it('is on every page that says who is signed in, asks once more, and works without a client', async () => {
    const consent = await toConsent(anna, client);
    expect(consent.body).toContain('<a href="/logout">Sign out</a>');
    const page = await anna.get(logout());
    expect(page.body).toContain('<h1>Sign out?</h1>');
    expect(page.body).toContain('signed in here as <bdi>Anna</bdi>');
    const stay = await anna.submit(page, 'confirm', { decision: 'stay' });
    expect(stay.body).toContain('<h1>You are still signed in</h1>');
    expect(await isSignedIn(anna)).toBe(true);
    const out = await anna.submit(page, 'confirm', { decision: 'sign-out' });
    expect(out.body).toContain('<h1>You are signed out</h1>');
    expect(anna.cookies.has('gatehouse-session-4000')).toBe(false);
    expect(await isSignedIn(anna)).toBe(false);
    expect((await anna.get(logout())).body).toContain('<h1>You are signed out</h1>');
  });

  it('needs no script, may not be framed, and its form leads home or to the one address', async () => {
    const id_token_hint = await idToken(anna);
    const other = new Browser(server.app);
    await toConsent(other, client);
    const page = await other.get(logout({ id_token_hint, post_logout_redirect_uri: HOME, state: 's' }));
    expect(page.body).not.toContain('<script');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://app.example;");
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).toContain('After that you go on to <bdi>app.example</bdi>');
    expect(page.body.match(/<button/g)).toHaveLength(2);
    const out = await other.submit(page, 'confirm', { decision: 'sign-out' });
    expect([out.status, out.location]).toEqual([303, `${HOME}?state=s`]);
  });

  it('happens at once for the client whose ID token is of this very session, by GET and by POST', async () => {
    for (const method of ['get', 'post'] as const) {
      const parameters = { id_token_hint: await idToken(anna), post_logout_redirect_uri: HOME, state: 'a b' };
      server.clock.advance(3600);
      const out = method === 'get' ? await anna.get(logout(parameters)) : await anna.post('/logout', parameters);
      expect([out.status, out.location]).toEqual([303, `${HOME}?state=a+b`]);
      expect(await isSignedIn(anna)).toBe(false);
    }
  });

  it('lets a form of another site come again with its cookies', async () => {
    // Older browsers do not say where a form comes from but by its origin: nobody is told of an end that was none.
    for (const headers of [{ 'sec-fetch-site': 'cross-site', origin: 'https://rp' }, { origin: 'https://rp' }]) {
      const parameters = { id_token_hint: await idToken(anna), post_logout_redirect_uri: HOME };
      const first = await server.app.inject({
        method: 'POST',
        url: '/logout',
        payload: new URLSearchParams(parameters).toString(),
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([first.statusCode, first.headers['set-cookie']]).toEqual([303, undefined]);
      expect((await anna.get(String(first.headers.location))).location).toBe(HOME);
    }
  });

  it('shows who is not signed in where a client that anybody can register would lead, and sends nobody there', async () => {
    const parameters = { id_token_hint: await idToken(anna), post_logout_redirect_uri: HOME, state: '"><b>' };
    for (const method of ['get', 'post'] as const) {
      const victim = new Browser(server.app);
      const page = method === 'get' ? await victim.get(logout(parameters)) : await victim.post('/logout', parameters);
      expect([page.status, page.location]).toEqual([200, undefined]);
      expect(page.body).toContain('<h1>You are signed out</h1>');
      expect(page.body).toContain(`<a href="${HOME}?state=%22%3E%3Cb%3E">Go on to <bdi>app.example</bdi></a>`);
    }
  });

  it('does not stop the clients that the person let act', async () => {
    const answer = await approve(anna, client);
    const tokens = (await client.redeem(answer.searchParams.get('code')!)).json<{ refresh_token: string }>();
    await anna.submit(await anna.get(logout()), 'confirm', { decision: 'sign-out' });
    expect((await client.refresh(tokens.refresh_token)).statusCode).toBe(200);
  });

  it('is not done by another site: neither by a link, nor by a form, nor with a foreign token (CSRF)', async () => {
    await toConsent(anna, client);
    const page = await anna.get(logout());
    expect(page.body).toContain('<h1>Sign out?</h1>');
    const { action, fields } = formOf(page, 'confirm');
    const filled = { ...Object.fromEntries(fields), decision: 'sign-out' };
    const { csrf: _, ...without } = filled as Record<string, string>;
    const mallory = new Browser(server.app);
    await toConsent(mallory, client, 'ben');
    const hers = Object.fromEntries(formOf(await mallory.get(logout()), 'confirm').fields);
    for (const [form, headers] of [
      [without, {}],
      [{ ...filled, csrf: hers['csrf'] ?? '' }, {}],
      [filled, { origin: 'https://evil.example' }],
      [filled, { 'sec-fetch-site': 'cross-site' }],
    ] as const)
      expect(refused(await anna.post(action, form, headers))).toEqual([403, true]);
    expect(await isSignedIn(anna)).toBe(true);
    // A token of the attacker's own, of his own session, ends nothing without a question.
    const id_token_hint = await idToken(mallory, 'ben');
    expect((await anna.get(logout({ id_token_hint }))).body).toContain('<h1>Sign out?</h1>');
    expect(await isSignedIn(anna)).toBe(true);
  });

  it('leads nowhere without a hint, and to no address that is not registered to the letter', async () => {
    const id_token_hint = await idToken(anna);
    const named = { client_id: client.id, post_logout_redirect_uri: HOME };
    const page = await anna.get(logout(named));
    expect(page.body).not.toContain('app.example');
    for (const uri of ['https://evil.example/', `${HOME}/`, `${HOME}?next=https://evil.example`, REDIRECT_URI]) {
      const refusal = await anna.get(logout({ id_token_hint, post_logout_redirect_uri: uri }));
      expect([refused(refusal), refusal.location]).toEqual([[400, true], undefined]);
    }
    expect(await isSignedIn(anna)).toBe(true);
    const out = await anna.submit(page, 'confirm', { decision: 'sign-out' });
    expect([out.status, out.location]).toEqual([200, undefined]);
  });

  it('writes neither token nor name into the log', async () => {
    const id_token_hint = await idToken(anna);
    await anna.get(logout({ id_token_hint, logout_hint: 'a-name-to-hide', post_logout_redirect_uri: 'https://x' }));
    await anna.get(client.authorizePath({ login_hint: 'a-name-to-hide', id_token_hint, prompt: 'login none' }));
    const log = server.log.join('\n');
    expect(log).toContain('unregistered_post_logout_redirect_uri');
    for (const secret of [id_token_hint, id_token_hint.split('.')[1]!, 'a-name-to-hide'])
      expect(log).not.toContain(secret);
  });
});

describe('a client’s wishes about the sign-in', () => {
  let server: TrialServer;
  let client: TrialClient;
  beforeEach(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterEach(() => server.close());

  it('fill in the name, and leave the cursor where the password goes', async () => {
    const anna = new Browser(server.app);
    const page = await anna.follow(await anna.get(client.authorizePath({ login_hint: 'anna"><b>' })));
    expect(page.body).toContain('value="anna&quot;>&lt;b>"');
    expect(page.body).not.toContain('"><b>');
    const again = await anna.submit(page, 'sign-in', { username: 'anna', password: PASSWORD });
    expect((await anna.follow(again)).body).toContain('<h1>Allow');
  });

  it('never turn the server into a redirector for a client that anybody can register', async () => {
    const evil = await TrialClient.register(server.app, { redirect_uris: ['https://evil.example/cb'] });
    const victim = new Browser(server.app);
    const parameters = { prompt: 'none', redirect_uri: 'https://evil.example/cb' };
    for (const more of [{}, { scope: 'nonsense' }, { max_age: '-1' }, { acr_values: 'urn:x' }]) {
      const first = await victim.get(evil.authorizePath({ ...parameters, ...more }));
      const page = await victim.follow(first);
      expect([page.status, page.location]).toEqual([200, undefined]);
      expect(page.body).toContain('<h1>Access cannot be given</h1>');
    }
    // Who clicks, knows where to.
    const page = await victim.follow(await victim.get(evil.authorizePath(parameters)));
    const back = await victim.submit(page, 'refusal');
    expect(new URL(back.location!).searchParams.get('error')).toBe('login_required');
  });
});
