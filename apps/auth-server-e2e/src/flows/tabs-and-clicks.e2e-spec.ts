import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  isConsent,
  isSignIn,
  LOOPBACK_CALLBACK,
  type Page,
  type PageAgent,
  type RegisteredClient,
} from '@gatehouse/test-kit';
import { anna, ben, house, invoices } from './house.js';

/** People have several tabs, click twice and go back. None of it is an attack. */
describe('a person with tabs and a nervous finger', () => {
  let client: RegisteredClient;
  beforeAll(async () => {
    client = await house.register();
  });
  const open = async (browser: PageAgent): Promise<Page> => {
    const page = await browser.open(house.begin(client, { resource: invoices }).url, LOOPBACK_CALLBACK);
    if (page.kind !== 'page') throw new Error('no page');
    return page;
  };
  const approved = async (browser: PageAgent, page: Page) => {
    const end = await browser.decide(page, {}, LOOPBACK_CALLBACK);
    return end.kind === 'callback' && end.parameters.has('code');
  };

  it('may sign in in one tab and then in another, and approve both', async () => {
    const browser = house.browser();
    const [one, two] = [await open(browser), await open(browser)];
    const consentOne = (await browser.signIn(one, anna, LOOPBACK_CALLBACK)) as Page;
    expect(isConsent(consentOne)).toBe(true);
    const consentTwo = (await browser.signIn(two, anna, LOOPBACK_CALLBACK)) as Page;
    expect(isConsent(consentTwo)).toBe(true);
    expect(await approved(browser, consentOne)).toBe(true);
    expect(await approved(browser, consentTwo)).toBe(true);
  });

  it('needs no second sign-in in a tab that is opened or reloaded afterwards', async () => {
    const browser = house.browser();
    const [one, two] = [await open(browser), await open(browser)];
    await browser.signIn(one, anna, LOOPBACK_CALLBACK);
    const reloaded = await browser.open(two.url, LOOPBACK_CALLBACK);
    expect(isConsent(reloaded) || isSignIn(reloaded)).toBe(true);
    expect(isConsent(await open(browser))).toBe(true);
  });

  it('never approves as somebody else: who is signed in now is asked, not who was', async () => {
    const browser = house.browser();
    const [one, two] = [await open(browser), await open(browser)];
    const annas = (await browser.signIn(one, anna, LOOPBACK_CALLBACK)) as Page;
    await browser.signIn(two, ben, LOOPBACK_CALLBACK);
    const end = await browser.decide(annas, {}, LOOPBACK_CALLBACK);
    expect(end.kind).toBe('page');
    expect(end.status).toBeLessThan(500);
  });

  it('may press Enter twice at sign-in and still arrives at the consent', async () => {
    const browser = house.browser();
    const page = await open(browser);
    const answers = await Promise.all([
      browser.signIn(page, anna, LOOPBACK_CALLBACK).catch((error: unknown) => error),
      browser.signIn(page, anna, LOOPBACK_CALLBACK).catch((error: unknown) => error),
    ]);
    expect(answers.map((answer) => (answer as Page).status).every((status) => status < 500)).toBe(true);
    const arrived = answers.filter((answer) => isConsent(answer as Page)) as Page[];
    expect(arrived.length).toBeGreaterThan(0);
    expect(await approved(browser, arrived[0]!)).toBe(true);
  });

  it('gets a page with words, not a second code, from the back button', async () => {
    const browser = house.browser();
    const page = (await browser.signIn(await open(browser), anna, LOOPBACK_CALLBACK)) as Page;
    expect(await approved(browser, page)).toBe(true);
    const again = await browser.decide(page, {}, LOOPBACK_CALLBACK);
    expect(again).toMatchObject({ kind: 'page', status: expect.any(Number) });
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect(again.status).toBeLessThan(500);
    expect((again as Page).text.length).toBeGreaterThan(20);
  });
});
