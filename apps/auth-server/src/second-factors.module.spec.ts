import type { AccountId } from '@gatehouse/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TOTP } from 'otpauth';
import { Browser, type Page, formOf } from './testing/browser.js';
import { approve, TrialClient, toConsent } from './testing/client.js';
import { PASSWORD, type TrialServer, startTrialServer } from './testing/trial-server.js';

const SECOND = 'urn:gatehouse:acr:2fa';
const SESSION = 'gatehouse-session-4000';

/** The app on the person's phone: one that nobody here wrote. */
class Phone {
  constructor(
    private readonly server: TrialServer,
    private readonly secret: string,
  ) {}

  static of(server: TrialServer, page: Page): Phone {
    const secret = /otpauth:\/\/totp\/[^"]*[?&;]secret=([A-Z2-7]+)/.exec(page.body)?.[1];
    if (secret === undefined) throw new Error(`no key in the page: ${page.body.slice(-900)}`);
    return new Phone(server, secret);
  }

  code(halfMinutes = 0): string {
    return new TOTP({ secret: this.secret }).generate({
      timestamp: this.server.clock.now().getTime() + halfMinutes * 30_000,
    });
  }
}

describe('second factors', () => {
  let server: TrialServer;
  let client: TrialClient;
  let anna: AccountId;

  async function start(rule: string, settings = {}): Promise<void> {
    server = await startTrialServer({ LOCAL_SECOND_FACTOR: rule, ...settings });
    client = await TrialClient.register(server.app);
    anna = (await server.accounts.findByUsername('anna'))!.id;
  }
  beforeEach(() => start('optional'));
  afterEach(() => server.close());

  const password = { username: 'anna', password: PASSWORD };
  const signedInToAccount = async (browser: Browser): Promise<Page> =>
    browser.follow(await browser.submit(await browser.follow(await browser.get('/account')), 'sign-in', password));
  const addApp = async (browser: Browser): Promise<{ phone: Phone; codes: readonly string[] }> => {
    await signedInToAccount(browser);
    const page = await browser.get('/account/app');
    const phone = Phone.of(server, page);
    const codes = await browser.submit(page, 'app', { code: phone.code() });
    expect(codes.status).toBe(200);
    return { phone, codes: recoveryCodesOf(codes) };
  };
  const recoveryCodesOf = (page: Page): readonly string[] =>
    [...page.body.matchAll(/<code>([A-Z2-9-]{19})<\/code>/g)].map(([, code]) => code ?? '');
  const atSecondStep = async (browser: Browser, more = {}): Promise<Page> =>
    browser.follow(
      await browser.submit(await browser.follow(await browser.get(client.authorizePath(more))), 'sign-in', password),
    );
  const proved = async (browser: Browser, page: Page, fields: Readonly<Record<string, string>>): Promise<Page> =>
    browser.post(formOf(page, 'second-factor').action, {
      csrf: formOf(page, 'second-factor').fields.find(([name]) => name === 'csrf')?.[1] ?? '',
      ...fields,
    });
  const reasons = () => server.audit.events.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));

  it('asks a person with an app for its code, and the tokens say so', async () => {
    const { phone, codes } = await addApp(new Browser(server.app));
    expect(codes).toHaveLength(10);
    server.clock.advance(60);
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    expect(page.body).toContain('<h1>Second step</h1>');
    expect(browser.cookies.has(SESSION)).toBe(false);
    const consent = await browser.follow(await proved(browser, page, { code: phone.code() }));
    expect(consent.body).toContain('<h1>Allow');
    const done = await browser.submit(consent, 'consent', { decision: 'approve' });
    const code = new URL(done.location!).searchParams.get('code')!;
    const { access_token } = (await client.redeem(code)).json<{ access_token: string }>();
    expect(decodeJwt(access_token)).toMatchObject({ acr: SECOND, amr: ['pwd', 'otp'] });
  });

  it('leaves people without a factor alone where it is optional, and is not there where it is off', async () => {
    const browser = new Browser(server.app);
    expect((await toConsent(browser, client)).body).toContain('<h1>Allow');
    await server.close();
    await start('off');
    expect((await new Browser(server.app).get(client.authorizePath({ acr_values: SECOND }))).status).toBe(303);
    expect((await toConsent(new Browser(server.app), client)).body).toContain('<h1>Allow');
    const off = new Browser(server.app);
    await signedInToAccount(off);
    expect((await off.get('/account/app')).status).toBe(403);
  });

  it('lets a client step up from a session of one factor to two, and the session keeps its name (RFC 9470 §4)', async () => {
    const metadata = await server.app.inject('/.well-known/oauth-authorization-server');
    expect(metadata.json<object>()).toMatchObject({ acr_values_supported: ['urn:gatehouse:acr:1fa', SECOND] });
    const browser = new Browser(server.app);
    expect(await approve(browser, client)).toMatchObject({ hostname: '127.0.0.1' });
    // Who has none yet gets one on the way.
    const page = await atSecondStep(browser, { acr_values: SECOND });
    expect(page.body).toContain('Set up an authenticator app');
    const phone = Phone.of(server, page);
    const codes = await browser.submit(page, 'second-factor', { code: phone.code() });
    expect(recoveryCodesOf(codes)).toHaveLength(10);
    const next = /href="([^"]*\/interaction\/[^"]*)"/.exec(codes.body)?.[1] ?? '';
    expect((await browser.get(next)).body).toContain('<h1>Allow');
  });

  it('takes a code once, of two that come at the same time one, and not the one that proved the app', async () => {
    const { phone } = await addApp(new Browser(server.app));
    const [first, second] = [new Browser(server.app), new Browser(server.app, undefined, '198.51.100.7')];
    const pages = [await atSecondStep(first), await atSecondStep(second)] as const;
    expect((await proved(first, pages[0], { code: phone.code() })).status).toBe(401);
    const code = phone.code(1);
    const answers = await Promise.all([proved(first, pages[0], { code }), proved(second, pages[1], { code })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 401]);
    expect([first, second].filter(({ cookies }) => cookies.has(SESSION))).toHaveLength(1);
    expect(reasons()).toEqual(['wrong_second_factor', 'wrong_second_factor']);
  });

  it('gives a session to one of two right answers to one first step', async () => {
    const { phone } = await addApp(new Browser(server.app));
    server.clock.advance(60);
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    const answers = await Promise.all([0, 1].map((n) => proved(browser, page, { code: phone.code(n) })));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it('stops a thief of the password who guesses codes, while a browser that knows the person goes on', async () => {
    const home = new Browser(server.app);
    const { phone } = await addApp(home);
    server.clock.advance(60);
    const thief = new Browser(server.app, undefined, '203.0.113.9');
    const page = await atSecondStep(thief);
    const statuses = [];
    for (let n = 0; n < 12; n++)
      statuses.push((await proved(thief, page, { code: String(n).padStart(6, '0') })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await proved(thief, page, { code: phone.code() })).status).toBe(429);
    expect(server.audit.events.filter(({ type }) => type === 'sign_in.locked')).toHaveLength(1);
    // A recovery code has nothing to guess, and the owner's own browser counts apart.
    home.cookies.delete(SESSION);
    expect((await proved(home, await atSecondStep(home), { code: phone.code() })).status).toBe(303);
  });

  it('is bound to the browser: whoever has the address of the second step, elsewhere has nothing', async () => {
    const { phone } = await addApp(new Browser(server.app));
    server.clock.advance(60);
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    const { action } = formOf(page, 'second-factor');
    const attacker = new Browser(server.app);
    await attacker.get(client.authorizePath());
    expect((await attacker.get(action)).status).toBe(400);
    const csrf = formOf(page, 'second-factor').fields.find(([name]) => name === 'csrf')?.[1] ?? '';
    expect((await attacker.post(action, { csrf, code: phone.code() })).status).toBe(403);
    expect(attacker.cookies.has(SESSION)).toBe(false);
    expect((await proved(browser, page, { code: phone.code() })).status).toBe(303);
  });

  it('cannot be skipped: between the steps every address leads back, and no page knows the person', async () => {
    await addApp(new Browser(server.app));
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    const journey = formOf(page, 'second-factor').action.replace('/second-factor', '');
    expect((await browser.get(journey)).body).toContain('<h1>Sign in</h1>');
    const csrf = formOf(page, 'second-factor').fields.find(([name]) => name === 'csrf')?.[1] ?? '';
    const consent = await browser.post(`${journey}/consent`, { csrf, decision: 'approve', scope: 'invoices:read' });
    expect([consent.status, consent.location]).toEqual([403, undefined]);
    expect((await browser.get('/account')).location).toBe('http://127.0.0.1:4000/account/sign-in');
  });

  it('lets a thief of the password bring no factor of his own past the one there is', async () => {
    const victim = new Browser(server.app);
    // Both stand at the enrolment, for there is no factor yet.
    const thief = new Browser(server.app, undefined, '203.0.113.9');
    const offered = await atSecondStep(thief, { acr_values: SECOND });
    const { phone } = await addApp(victim);
    server.clock.advance(60);
    const own = Phone.of(server, offered);
    const answer = await thief.submit(offered, 'second-factor', { code: own.code() });
    expect(answer.status).toBe(403);
    expect(thief.cookies.has(SESSION)).toBe(false);
    expect(await server.factors.list(anna)).toHaveLength(1);
    // And with a sealed offer of his own account in hand, at the victim's second step.
    const page = await atSecondStep(thief);
    expect((await proved(thief, page, { enrolment: 'x', code: own.code() })).status).toBe(403);
    victim.cookies.delete(SESSION);
    expect((await proved(victim, await atSecondStep(victim), { code: phone.code() })).status).toBe(303);
  });

  it('takes a recovery code once, whichever way it is typed, and none of somebody else', async () => {
    const { codes } = await addApp(new Browser(server.app));
    const code = codes[0]!.toLowerCase().replaceAll('-', ' ');
    const [first, second] = [new Browser(server.app), new Browser(server.app)];
    const pages = [await atSecondStep(first), await atSecondStep(second)] as const;
    const answers = await Promise.all([
      proved(first, pages[0], { recovery_code: code }),
      proved(second, pages[1], { recovery_code: code }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 401]);
    expect(await server.factors.recoveryCodesLeft(anna)).toBe(9);
  });

  it('is over five minutes after the password', async () => {
    const { phone } = await addApp(new Browser(server.app));
    const browser = new Browser(server.app);
    const page = await atSecondStep(browser);
    server.clock.advance(300);
    expect((await proved(browser, page, { code: phone.code() })).status).toBe(403);
    expect(browser.cookies.has(SESSION)).toBe(false);
  });

  describe('the account pages', () => {
    const factorForm = async (browser: Browser) => formOf(await browser.get('/account'), 'factor').fields;

    it('change nothing ten minutes after the sign-in, nor by a password alone where there is a factor', async () => {
      const browser = new Browser(server.app);
      const { phone } = await addApp(browser);
      // Signed in before there was a factor, so by the password alone.
      const [factor] = await server.factors.list(anna);
      const csrf = formOf(await browser.get('/account'), 'factor').fields.find(([name]) => name === 'csrf')![1];
      const remove = { csrf, id: factor!.id, change: 'remove' };
      expect((await browser.post('/account/factor', remove)).status).toBe(403);
      server.clock.advance(60);
      const strong = await browser.follow(
        await browser.submit(await browser.get('/account/sign-in'), 'sign-in', password),
      );
      expect((await proved(browser, strong, { code: phone.code() })).status).toBe(303);
      expect(new Map(await factorForm(browser)).get('id')).toBe(factor!.id);
      server.clock.advance(601);
      expect((await browser.post('/account/factor', remove)).status).toBe(403);
      expect((await browser.get('/account/app')).status).toBe(403);
      expect((await browser.get('/account')).body).toContain('Sign in again');
      expect(await server.factors.list(anna)).toHaveLength(1);
    });

    it('rename and remove, and take no form of another site or page', async () => {
      const browser = new Browser(server.app);
      const { phone } = await addApp(browser);
      server.clock.advance(60);
      const page = await browser.follow(
        await browser.submit(await browser.get('/account/sign-in'), 'sign-in', password),
      );
      await proved(browser, page, { code: phone.code() });
      const fields = new Map(await factorForm(browser));
      const send = (more: Readonly<Record<string, string>>, headers = {}) =>
        browser.post('/account/factor', { ...Object.fromEntries(fields), ...more }, headers);
      for (const path of ['app', 'passkey', 'factor', 'recovery-codes', 'sessions', 'sign-in', 'second-factor']) {
        expect((await browser.post(`/account/${path}`, { change: 'remove', id: fields.get('id')! })).status).toBe(403);
        const forged = { ...Object.fromEntries(fields), change: 'remove' };
        const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        expect((await browser.post(`/account/${path}`, forged, foreign)).status).toBe(403);
      }
      expect((await send({ change: 'rename', name: '<b>My phone</b>' })).status).toBe(303);
      expect((await browser.get('/account')).body).toContain('&lt;b>My phone&lt;/b>');
      expect((await send({ change: 'remove' })).status).toBe(303);
      expect(await server.factors.list(anna)).toEqual([]);
      expect(await server.factors.recoveryCodesLeft(anna)).toBe(0);
    });

    it('keep the last factor where one is required', async () => {
      await server.close();
      await start('required');
      const browser = new Browser(server.app);
      const page = await signedInToAccount(browser);
      expect(page.body).toContain('Set up an authenticator app');
      expect((await browser.submit(page, 'second-factor', { code: Phone.of(server, page).code() })).status).toBe(200);
      const fields = Object.fromEntries(await factorForm(browser));
      expect((await browser.post('/account/factor', { ...fields, change: 'remove' })).status).toBe(403);
      expect(await server.factors.list(anna)).toHaveLength(1);
    });

    it('list where the person is signed in, and end one or all others', async () => {
      const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 <script>' };
      const [laptop, phone, tablet] = [1, 2, 3].map((n) => new Browser(server.app, undefined, `192.0.2.${n}`));
      const page = await laptop!.get('/account/sign-in');
      await laptop!.post(
        '/account/sign-in',
        [...formOf(page, 'sign-in').fields.filter(([name]) => name === 'csrf'), ...Object.entries(password)],
        agent,
      );
      for (const other of [phone!, tablet!]) await signedInToAccount(other);
      const list = await phone!.get('/account');
      expect(list.body).toContain('Firefox on Linux');
      expect(list.body).not.toContain('script>');
      expect(list.body).toContain('192.0.2.1');
      expect((await phone!.submit(list, 'sessions')).status).toBe(303);
      const left = [laptop!, tablet!].map(async (other) => (await other.get('/account')).status);
      expect((await Promise.all(left)).sort()).toEqual([200, 303]);
      const rest = await phone!.get('/account');
      const csrf = formOf(rest, 'sessions').fields.find(([name]) => name === 'csrf')![1];
      await phone!.post('/account/sessions', { csrf, others: 'yes' });
      for (const other of [laptop!, tablet!]) expect((await other.get('/account')).status).toBe(303);
      expect((await phone!.get('/account')).status).toBe(200);
    });

    it('end no session of somebody else', async () => {
      const [browser, ben] = [new Browser(server.app), new Browser(server.app)];
      await signedInToAccount(browser);
      await ben.submit(await ben.get('/account/sign-in'), 'sign-in', { ...password, username: 'ben' });
      const csrf = new Map(formOf(await ben.get('/account'), 'sessions').fields).get('csrf')!;
      const sid = new Map(formOf(await signedInToAccount(new Browser(server.app)), 'sessions').fields).get('sid')!;
      expect((await ben.post('/account/sessions', { sid, csrf })).status).toBe(303);
      expect((await ben.post('/account/sessions', { others: 'yes', csrf })).status).toBe(303);
      expect((await browser.get('/account')).status).toBe(200);
    });
  });
});
