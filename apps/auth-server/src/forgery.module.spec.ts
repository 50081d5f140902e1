import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, formOf } from './testing/browser.js';
import { TrialClient, toConsent } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

describe('forged, planted and stolen steps of a journey', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeAll(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());

  const lastReason = (): string | undefined =>
    server.log
      .map((line) => JSON.parse(line) as { event: string; reason?: string })
      .findLast(({ event }) => event === 'refused')?.reason;

  it.each([
    ['without a token', { csrf: '' }, {}, 'wrong_csrf_token'],
    ['with a made-up token', { csrf: 'A'.repeat(43) }, {}, 'wrong_csrf_token'],
    ['from another origin', {}, { origin: 'https://evil.example' }, 'cross_site_post'],
    ['from another port of this machine', {}, { origin: 'http://127.0.0.1:5000' }, 'cross_site_post'],
    ['from a sandboxed frame', {}, { origin: 'null' }, 'cross_site_post'],
    ['from another site, says the browser', {}, { 'sec-fetch-site': 'cross-site' }, 'cross_site_post'],
  ])('refuses a consent %s, and the honest page still works', async (_how, fields, headers, reason) => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const form = formOf(consent, 'consent');
    const forged = { ...Object.fromEntries(form.fields), decision: 'approve', ...fields };
    const answer = await browser.post(form.action, forged, headers);
    expect([answer.status, answer.location, lastReason()]).toEqual([403, undefined, reason]);
    expect((await browser.submit(consent, 'consent', { decision: 'approve' })).status).toBe(303);
  });

  it.each(['sign-in', 'consent', 'switch-account', 'refusal'])('demands the token at %s', async (name) => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const action = formOf(consent, 'consent').action.replace(/consent$/, name);
    const answer = await browser.post(action, { decision: 'approve', username: 'anna', password: PASSWORD });
    expect([answer.status, lastReason()]).toEqual([403, 'wrong_csrf_token']);
  });

  it("does not take the token of one browser, or of one journey, for another's", async () => {
    const [mine, theirs] = [new Browser(server.app), new Browser(server.app)];
    const [myConsent, theirConsent] = [await toConsent(mine, client), await toConsent(theirs, client)];
    const theirToken = new Map(formOf(theirConsent, 'consent').fields).get('csrf') ?? '';
    const stolen = await mine.submit(myConsent, 'consent', { decision: 'approve', csrf: theirToken });
    expect([stolen.status, lastReason()]).toEqual([403, 'wrong_csrf_token']);
    const second = await toConsent(mine, client);
    const otherJourney = new Map(formOf(second, 'consent').fields).get('csrf') ?? '';
    const crossed = await mine.submit(myConsent, 'consent', { decision: 'approve', csrf: otherJourney });
    expect([crossed.status, lastReason()]).toEqual([403, 'wrong_csrf_token']);
  });

  it('shows an interaction to no browser but the one that began it', async () => {
    const attacker = new Browser(server.app);
    const planted = await attacker.get(client.authorizePath());
    const victim = new Browser(server.app);
    await toConsent(victim, client);
    const lured = await victim.get(planted.location ?? '');
    expect([lured.status, lured.location, lastReason()]).toEqual([400, undefined, 'unknown_interaction']);
    expect((await new Browser(server.app).get(planted.location ?? '')).status).toBe(400);
  });

  it('leaves an attacker who planted the browser cookie with nothing after the victim signed in', async () => {
    const attacker = new Browser(server.app);
    const planted = await attacker.follow(await attacker.get(client.authorizePath()));
    const victim = new Browser(server.app);
    for (const [name, value] of attacker.cookies) victim.cookies.set(name, value);
    const signedIn = await victim.submit(planted, 'sign-in', { username: 'anna', password: PASSWORD });
    expect(signedIn.status).toBe(303);
    // The attacker knows the old id and the cookie; the journey has gone on under another.
    const id = formOf(planted, 'sign-in').action.replace(/\/sign-in$/, '');
    expect(signedIn.location?.endsWith(id)).toBe(false);
    const back = await attacker.get(id);
    expect([back.status, lastReason()]).toEqual([400, 'unknown_interaction']);
    // Even with the new id there is no session in that browser.
    const followed = await attacker.get(signedIn.location ?? '');
    expect(followed.body).toContain('<h1>Sign in</h1>');
  });

  it('gives a new session id at every sign-in, and ends the one the browser came with', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const first = browser.cookies.get('gatehouse-session-4000') ?? '';
    const page = await browser.follow(await browser.get(client.authorizePath({ prompt: 'login' })));
    await browser.follow(await browser.submit(page, 'sign-in', { username: 'anna', password: PASSWORD }));
    const second = browser.cookies.get('gatehouse-session-4000') ?? '';
    expect(first).toMatch(/^ghw_/);
    expect(second).not.toBe(first);
    browser.cookies.set('gatehouse-session-4000', first);
    const stale = await browser.get(formOf(consent, 'consent').action.replace(/\/consent$/, ''));
    expect(stale.body).toContain('<h1>Sign in</h1>');
  });

  it('takes no session id from outside, whoever chose it', async () => {
    const browser = new Browser(server.app);
    const chosen = `ghw_${'A'.repeat(43)}`;
    browser.cookies.set('gatehouse-session-4000', chosen);
    await toConsent(browser, client);
    expect(browser.cookies.get('gatehouse-session-4000')).not.toBe(chosen);
  });

  it('treats a cookie that comes twice as none: one of the two was planted', async () => {
    const browser = new Browser(server.app);
    const begun = await browser.get(client.authorizePath());
    const [pair] = String(begun.headers['set-cookie']).split(';');
    const answer = await server.app.inject({
      url: new URL(begun.location ?? '').pathname,
      headers: { cookie: `${pair}; gatehouse-browser-4000=ghb_${'B'.repeat(43)}` },
    });
    expect(answer.statusCode).toBe(400);
  });

  it('lets nobody decide in a session of another account', async () => {
    const browser = new Browser(server.app);
    const annas = await toConsent(browser, client, 'anna');
    const other = await browser.follow(await browser.get(client.authorizePath({ prompt: 'login' })));
    await browser.submit(other, 'sign-in', { username: 'ben', password: PASSWORD });
    const answer = await browser.submit(annas, 'consent', { decision: 'approve' });
    expect([answer.status, answer.location, lastReason()]).toEqual([403, undefined, 'session_of_other_account']);
  });

  it('lets nobody approve who has not signed in', async () => {
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await browser.get(client.authorizePath()));
    const { action, fields } = formOf(signIn, 'sign-in');
    const answer = await browser.post(action.replace('sign-in', 'consent'), {
      ...Object.fromEntries(fields),
      decision: 'approve',
      scope: 'invoices:read',
    });
    expect([answer.status, answer.location, lastReason()]).toEqual([403, undefined, 'no_session']);
  });

  it('does not replace the cookie of a browser that another site sends here, and ends no journey of it', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const cookies = new Map(browser.cookies);
    // A cross-site post: the browser keeps its Lax cookies to itself.
    browser.cookies.clear();
    const sent = await browser.post('/authorize', [...new URLSearchParams(client.authorizeQuery())], {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    });
    expect([sent.status, sent.headers['set-cookie']]).toEqual([303, undefined]);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect((await browser.follow(sent)).body).toContain('<h1>Allow');
    expect((await browser.submit(consent, 'consent', { decision: 'approve' })).status).toBe(303);
  });
});
