import { SoftwareAuthenticator } from '@gatehouse/passkeys/testing';
import type { AccountId } from '@gatehouse/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser, type Page, formOf } from './testing/browser.js';
import { TrialClient } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const SESSION = 'gatehouse-session-4000';

describe('passkeys', () => {
  let server: TrialServer;
  let client: TrialClient;
  let key: SoftwareAuthenticator;

  const start = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
    server = await startTrialServer({ LOCAL_SECOND_FACTOR: 'optional', ...settings });
    client = await TrialClient.register(server.app);
    key = await keyOf('anna');
  };
  beforeEach(() => start());
  afterEach(() => server.close());

  async function keyOf(username: string): Promise<SoftwareAuthenticator> {
    const authenticator = new SoftwareAuthenticator(server.config.ISSUER);
    const accountId: AccountId = (await server.accounts.findByUsername(username))!.id;
    const factor = authenticator.passkeyOf(accountId, server.clock.now());
    await server.factors.add({ factor, onlyAsFirst: false }, { type: 'factor.added', at: factor.createdAt });
    return authenticator;
  }

  const journey = async (browser: Browser): Promise<string> =>
    (await browser.get(client.authorizePath())).location!.replace('http://127.0.0.1:4000', '');
  const challengeOf = (page: Page): string =>
    /&quot;challenge&quot;:&quot;([\w-]+)&quot;/.exec(page.body)?.[1] ?? 'no challenge in the page';
  const send = (browser: Browser, page: Page, form: string, passkey: string): Promise<Page> =>
    browser.post(formOf(page, form).action, { csrf: new Map(formOf(page, form).fields).get('csrf') ?? '', passkey });
  const offered = async (browser: Browser): Promise<Page> => browser.get(`${await journey(browser)}/passkey`);
  const atSecondStep = async (browser: Browser): Promise<Page> => {
    const page = await browser.get(await journey(browser));
    return browser.follow(await browser.submit(page, 'sign-in', { username: 'anna', password: PASSWORD }));
  };

  it('let a person in alone, and as a second step', async () => {
    const browser = new Browser(server.app);
    const page = await offered(browser);
    const answer = await send(browser, page, 'passkey', key.answer(challengeOf(page)));
    expect((await browser.follow(answer)).body).toContain('<h1>Allow');
    const other = new Browser(server.app);
    const second = await atSecondStep(other);
    const stepped = await send(other, second, 'second-factor', key.answer(challengeOf(second)));
    expect((await other.follow(stepped)).body).toContain('<h1>Allow');
  });

  it('answer each question once, and only in the browser that was asked', async () => {
    const browser = new Browser(server.app);
    const page = await offered(browser);
    const answer = key.answer(challengeOf(page));
    const elsewhere = new Browser(server.app);
    expect((await send(elsewhere, await offered(elsewhere), 'passkey', answer)).status).toBe(403);
    const outcomes = await Promise.all([1, 2, 3].map(() => send(browser, page, 'passkey', answer)));
    expect(outcomes.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(elsewhere.cookies.has(SESSION)).toBe(false);
  });

  it('of another account are no second step of this one', async () => {
    const bens = await keyOf('ben');
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    expect((await send(browser, page, 'second-factor', bens.answer(challengeOf(page)))).status).toBe(401);
    expect(browser.cookies.has(SESSION)).toBe(false);
    expect(server.audit.events.at(-1)).toMatchObject({ type: 'sign_in.failed', reason: 'wrong_second_factor' });
    expect((await send(browser, page, 'second-factor', key.answer(challengeOf(page)))).status).toBe(303);
  });

  it('whose counter went back are copies, and let nobody in', async () => {
    const use = async (counter: number): Promise<number> => {
      const browser = new Browser(server.app);
      const page = await offered(browser);
      return (await send(browser, page, 'passkey', key.answer(challengeOf(page), { counter }))).status;
    };
    expect([await use(5), await use(6), await use(5), await use(0), await use(6), await use(7)]).toEqual([
      303, 303, 403, 403, 403, 303,
    ]);
  });

  it('let nobody in whom a password would not let in', async () => {
    const anna = (await server.accounts.findByUsername('anna'))!;
    const disabled = new Browser(server.app);
    const page = await offered(disabled);
    server.accounts.disable(anna.id, server.clock.now());
    expect((await send(disabled, page, 'passkey', key.answer(challengeOf(page)))).status).toBe(403);
    await server.close();
    await start({ LOCAL_SIGN_IN: 'break-glass' });
    const browser = new Browser(server.app);
    const again = await offered(browser);
    expect((await send(browser, again, 'passkey', key.answer(challengeOf(again)))).status).toBe(403);
    expect(server.audit.events.at(-1)).toMatchObject({ reason: 'local_sign_in_off' });
  });

  it('are the only pages with a script, and it is allowed by its text', async () => {
    const browser = new Browser(server.app);
    const policies = [await offered(browser), await atSecondStep(browser)].map(
      ({ headers }) => headers['content-security-policy'],
    );
    for (const policy of policies) expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='; form-action/);
    const others = [await browser.get(await journey(browser)), await browser.get('/account/sign-in')];
    for (const { headers, body } of others) {
      expect(headers['content-security-policy']).not.toContain('script-src');
      expect(body).not.toContain('<script');
    }
  });
});
