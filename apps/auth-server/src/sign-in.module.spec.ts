import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, type Page } from './testing/browser.js';
import { TrialClient, toConsent } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

describe('sign-in', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeEach(async () => {
    server = await startTrialServer({ SIGN_IN_LIMIT_PER_ACCOUNT_AND_NETWORK: '3/900' });
    client = await TrialClient.register(server.app);
  });
  afterEach(() => server.close());

  const signInPage = async (browser: Browser): Promise<Page> =>
    browser.follow(await browser.get(client.authorizePath()));
  const wrong = { username: 'anna', password: 'not the password' };

  it('comes back with the name, without the password, and with one answer for every kind of failure', async () => {
    const ben = await server.accounts.findByUsername('ben');
    server.accounts.disable(ben!.id, server.clock.now());
    const bodies = [];
    for (const credentials of [
      wrong,
      { username: 'nobody', password: PASSWORD },
      { username: 'ben', password: PASSWORD },
    ]) {
      const browser = new Browser(server.app);
      const answer = await browser.submit(await signInPage(browser), 'sign-in', credentials);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
      expect(answer.body).toContain(`value="${credentials.username}"`);
      expect(answer.body).not.toContain(credentials.password);
      bodies.push(answer.body.replaceAll(credentials.username, '…').replace(/value="[^"]{43}"|ghi_[^/]*/g, '…'));
    }
    expect(new Set(bodies).size).toBe(1);
    expect(server.audit.events.map(({ reason }) => reason)).toEqual([
      'wrong_password',
      'unknown_account',
      'disabled_account',
    ]);
  });

  it('lets an honest person try again on the page that came back', async () => {
    const browser = new Browser(server.app);
    const again = await browser.submit(await signInPage(browser), 'sign-in', wrong);
    const signedIn = await browser.submit(again, 'sign-in', { username: 'anna', password: PASSWORD });
    expect((await browser.follow(signedIn)).body).toContain('<h1>Allow');
  });

  it('stops a guesser with 429 and a time to come back, even when the guess is right, and nobody elsewhere', async () => {
    const guesser = new Browser(server.app);
    let page = await signInPage(guesser);
    for (let i = 0; i < 3; i++) page = await guesser.submit(page, 'sign-in', wrong);
    const stopped = await guesser.submit(page, 'sign-in', { username: 'anna', password: PASSWORD });
    expect([stopped.status, stopped.headers['retry-after']]).toEqual([429, '900']);
    expect(stopped.body).toContain('Too many attempts');
    expect(guesser.cookies.has('gatehouse-session-4000')).toBe(false);
    const anna = new Browser(server.app, undefined, '198.51.100.4');
    expect((await toConsent(anna, client)).body).toContain('<h1>Allow');
    server.clock.advance(901);
    const later = new Browser(server.app);
    expect((await toConsent(later, client)).body).toContain('<h1>Allow');
  });

  it('cannot be used to guess without a journey', async () => {
    const browser = new Browser(server.app);
    const page = await signInPage(browser);
    server.clock.advance(3600);
    const answer = await browser.submit(page, 'sign-in', wrong);
    expect(answer.status).toBe(400);
    expect(server.attempts.keys.filter((key) => key.includes('sign-in'))).toEqual([]);
    expect(server.audit.events).toEqual([]);
  });

  it('shows a hostile name of a client or of a person as text', async () => {
    const name = '</h1><script>alert(1)</script>"\'&\u202egnp.exe';
    const hostile = await TrialClient.register(server.app, { client_name: name });
    const browser = new Browser(server.app);
    const signIn = await browser.follow(await browser.get(hostile.authorizePath()));
    const failed = await browser.submit(signIn, 'sign-in', { username: '"><script>alert(2)</script>', password: 'x' });
    const consent = await toConsent(new Browser(server.app), hostile);
    for (const page of [signIn, failed, consent]) {
      expect(page.body).not.toContain('<script');
      expect(page.body).not.toContain('\u202e');
      expect(page.body).toMatch(/<bdi>&lt;\/h1>/);
    }
    expect(failed.status).toBe(401);
  });

  it('says that a client which registered itself is not verified, and that loopback is anybody', async () => {
    const consent = await toConsent(new Browser(server.app), client);
    expect(consent.body).toContain('This name is not verified');
    expect(consent.body).toContain('program on this computer');
    const remote = await TrialClient.register(server.app, { redirect_uris: ['https://app.example/cb'] });
    const web = await toConsent(new Browser(server.app), remote, 'anna', { redirect_uri: 'https://app.example/cb' });
    expect(web.body).toContain('app.example');
    expect(web.body).not.toContain('program on this computer');
  });

  it('lets a person in with a browser of theirs while a stranger keeps the account locked (AS-54)', async () => {
    const locked = await startTrialServer({ SIGN_IN_LIMIT_PER_ACCOUNT: '3/900' });
    try {
      const app = await TrialClient.register(locked.app);
      const signIn = async (browser: Browser, password: string): Promise<number> => {
        const page = await browser.follow(await browser.get(app.authorizePath({ prompt: 'login' })));
        return (await browser.submit(page, 'sign-in', { username: 'anna', password })).status;
      };
      const [own, stranger] = [new Browser(locked.app), new Browser(locked.app)];
      expect(await signIn(own, PASSWORD)).toBe(303);
      for (let guess = 0; guess < 3; guess++) await signIn(stranger, 'wrong guess');
      expect([await signIn(stranger, PASSWORD), await signIn(new Browser(locked.app), PASSWORD)]).toEqual([429, 429]);
      // Weeks later: the browser was closed since, and its session is over.
      for (const name of own.cookies.keys()) if (!name.includes('known')) own.cookies.delete(name);
      expect(await signIn(own, PASSWORD)).toBe(303);
    } finally {
      await locked.close();
    }
  });

  it('marks a scope whose harm is hard to undo', async () => {
    const consent = await toConsent(new Browser(server.app), client, 'anna', {
      scope: 'invoices:read invoices:refund',
    });
    expect(consent.body).toMatch(/Pay money back.*Hard to undo/s);
  });
});
