import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  form,
  isConsent,
  isSignIn,
  LOOPBACK_CALLBACK,
  type Page,
  type RegisteredClient,
  scopesOffered,
} from '@gatehouse/test-kit';
import { anna, ben, house, invoices, stack } from './house.js';

describe('the journey of a browser', () => {
  let client: RegisteredClient;
  beforeAll(async () => {
    client = await house.register({ client_name: 'Journey <b>&"' });
  });
  const begin = (scope = 'invoices:read invoices:write') => house.begin(client, { resource: invoices, scope });

  async function atSignIn() {
    const browser = house.browser();
    const page = await browser.open(begin().url, LOOPBACK_CALLBACK);
    if (!isSignIn(page)) throw new Error('no sign-in page');
    return { browser, page };
  }
  async function atConsent(account = anna) {
    const { browser, page } = await atSignIn();
    const consent = await browser.signIn(page, account, LOOPBACK_CALLBACK);
    if (!isConsent(consent)) throw new Error('no consent page');
    return { browser, page: consent, signInPage: page };
  }
  const post = (page: Page, action: RegExp, fields: Record<string, string>) => ({
    url: page.forms.find((one) => action.test(one.action))!.action,
    request: form({ csrf: page.forms[0]!.controls.find(({ name }) => name === 'csrf')!.value, ...fields }),
  });

  it('gets new ids at sign-in: session cookie and interaction (AS-38)', async () => {
    const { browser, page: consent, signInPage } = await atConsent();
    expect(consent.url).not.toBe(signInPage.url);
    const session = browser.jar.get(/session/);
    expect(session).toBeDefined();
    const again = house.browser();
    const planted = await again.open(begin().url, LOOPBACK_CALLBACK);
    again.jar.plant(stack.issuer, session!.name, 'ghw_'.padEnd(47, 'x'));
    await again.signIn(planted as Page, anna, LOOPBACK_CALLBACK);
    expect(again.jar.get(/session/)?.value).not.toBe('ghw_'.padEnd(47, 'x'));
    for (const line of browser.jar.received) expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('shows client, redirect host, resource and scopes in words, and nothing of the client as markup (AS-35, AS-36)', async () => {
    const { page } = await atConsent();
    expect(page.text).toContain('Journey <b>&"');
    expect(page.html).not.toContain('<b>&');
    expect(page.text).toContain('127.0.0.1');
    expect(page.text).toContain(invoices);
    expect(scopesOffered(page)).toEqual(['invoices:read', 'invoices:write']);
    expect(page.text).toMatch(/this (computer|device|machine)|local/i);
  });

  it('asks again each time, for nobody has vouched for the client (AS-37)', async () => {
    const { browser, page } = await atConsent();
    await browser.decide(page, {}, LOOPBACK_CALLBACK);
    expect(isConsent(await browser.open(begin().url, LOOPBACK_CALLBACK))).toBe(true);
  });

  it('refuses forms without token, with a foreign token, or from another site (AS-38)', async () => {
    const { browser, page } = await atConsent();
    const other = await atConsent();
    const decision = { decision: 'approve', scope: 'invoices:read' };
    const { url, request } = post(page, /\/consent$/, decision);
    const attempts = [
      { ...request, body: new URLSearchParams(decision).toString() },
      { ...request, body: post(other.page, /\/consent$/, decision).request.body! },
      { ...request, headers: { ...request.headers, origin: 'https://evil.example' } },
      { ...request, headers: { ...request.headers, origin: 'null' } },
      { ...request, headers: { ...request.headers, 'sec-fetch-site': 'cross-site' } },
    ];
    for (const attempt of attempts) {
      const answer = await browser.exchange(url, attempt);
      expect([answer.status, answer.location, answer.type]).toEqual([403, undefined, 'text/html']);
    }
    const honest = await browser.exchange(url, { ...request, headers: { ...request.headers, origin: stack.issuer } });
    expect([honest.status, honest.location?.startsWith(LOOPBACK_CALLBACK)]).toEqual([303, true]);
  });

  it('belongs to the browser that began it, and is answered once (AS-31)', async () => {
    const { browser, page } = await atConsent();
    const thief = await atConsent(ben);
    const stolen = await thief.browser.exchange(page.url);
    expect([stolen.status >= 400 && stolen.status < 500, stolen.location]).toEqual([true, undefined]);
    const { url, request } = post(page, /\/consent$/, { decision: 'approve', scope: 'invoices:read' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.exchange(url, request)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('grants nothing that was not on the page (AS-41)', async () => {
    const { browser, page } = await atConsent();
    const { url, request } = post(page, /\/consent$/, { decision: 'approve', scope: 'invoices:refund' });
    const answer = await browser.exchange(url, request);
    if (answer.status === 303) expect(new URL(answer.location!).searchParams.has('code')).toBe(false);
    else expect(answer.status).toBe(400);
  });

  it('takes a denial back to the client with 303 (AS-28, AS-33)', async () => {
    const { browser, page } = await atConsent();
    const end = await browser.decide(page, { approve: false }, LOOPBACK_CALLBACK);
    expect(end.status).toBe(303);
    expect(end.kind === 'callback' && end.parameters.get('error')).toBe('access_denied');
  });

  it('answers a wrong name and a wrong password alike (AS-54)', async () => {
    const wrong = async (username: string) => {
      const { browser, page } = await atSignIn();
      const again = await browser.signIn(page, { username, password: 'wrong password' }, LOOPBACK_CALLBACK);
      if (!isSignIn(again)) throw new Error('no sign-in page');
      return { status: again.status, text: again.text.replaceAll(username, ''), session: browser.jar.get(/session/) };
    };
    const [known, unknown] = [await wrong(ben.username), await wrong('nobody-at-all')];
    expect(known).toEqual(unknown);
    expect(known).toMatchObject({ status: 401, session: undefined });
  });

  it('lets a person change accounts in the middle', async () => {
    const { browser, page } = await atConsent(anna);
    const action = page.forms.find(({ action: to }) => to.endsWith('/switch-account'))!;
    const signIn = await browser.submit(page, action, {}, undefined, LOOPBACK_CALLBACK);
    if (!isSignIn(signIn)) throw new Error('no sign-in page');
    const consent = await browser.signIn(signIn, ben, LOOPBACK_CALLBACK);
    expect(isConsent(consent) && scopesOffered(consent)).toEqual(['invoices:read']);
  });
});
