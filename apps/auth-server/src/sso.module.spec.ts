import {
  type ArriveInput,
  type ConfiguredProvider,
  type Departure,
  type DepartInput,
  type ExternalPerson,
  type ProviderId,
  RedirectConnector,
  SsoProblem,
  type StoredProvider,
} from '@gatehouse/identity';
import { TestDocuments } from '@gatehouse/authorization-server/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Browser, formOf, type Page } from './testing/browser.js';
import { TrialClient } from './testing/client.js';
import { PASSWORD, startTrialServer, type TrialServer } from './testing/trial-server.js';

/** A provider that sends everybody back as Zoë, unless it is down. */
class ZoesProvider extends RedirectConnector {
  override readonly kind = 'oidc';
  readonly departures: DepartInput[] = [];
  isDown = false;

  override problems(): readonly string[] {
    return [];
  }

  override async probe(): Promise<readonly string[]> {
    return [];
  }

  override async depart(_: ConfiguredProvider, input: DepartInput): Promise<Departure> {
    await Promise.resolve();
    if (this.isDown) throw new SsoProblem('provider_unavailable');
    this.departures.push(input);
    return { location: `https://idp.example/authorize?state=${input.state}`, memory: {} };
  }

  override async arrive(provider: ConfiguredProvider, _: ArriveInput): Promise<ExternalPerson> {
    await Promise.resolve();
    return {
      issuer: 'https://idp.example',
      subject: 'zoe',
      emailVerified: false,
      displayName: `Zoë of ${provider.name}`,
      groups: [],
      authenticatedAt: new Date('2026-01-01T11:59:00Z'),
      amr: ['pwd', 'otp'],
      strong: true,
    };
  }
}

const CORP: StoredProvider = {
  id: 'corp' as ProviderId,
  kind: 'oidc',
  name: 'Corp <Ltd>',
  domains: ['corp.example'],
  justInTime: true,
  settings: {},
  createdAt: new Date(0),
};

describe('sign-in at a company’s provider', () => {
  let server: TrialServer;
  let connector: ZoesProvider;
  afterEach(() => server.close());

  async function start(settings: Readonly<Record<string, string>> = {}, provider = CORP) {
    connector = new ZoesProvider();
    server = await startTrialServer(settings, new TestDocuments(), [connector]);
    server.providers.providers.set(provider.id, provider);
    return new Browser(server.app);
  }
  async function signInPage(browser: Browser, more = {}): Promise<Page> {
    const client = await TrialClient.register(server.app);
    return browser.follow(await browser.get(client.authorizePath({ scope: 'openid', resource: undefined, ...more })));
  }
  const stateOf = (page: Page): string => /state=([^"&]+)/.exec(String(page.headers['refresh']))?.[1] ?? '';
  const back = (state: string): string => `/sso/corp/callback?code=c&state=${state}`;

  it('leads there by a page of ours and back to consent, without a script, in a new session and interaction', async () => {
    const browser = await start();
    const page = await signInPage(browser, { login_hint: 'zoe' });
    expect(page.body).toContain('Sign in with Corp &lt;Ltd>');
    expect(page.body).not.toContain('<script');
    const leaving = await browser.submit(page, 'sso', { provider: 'corp' });
    expect([leaving.status, leaving.location]).toEqual([200, undefined]);
    expect(leaving.headers['content-security-policy']).toContain("form-action 'self'");
    expect(connector.departures).toMatchObject([
      { callback: 'http://127.0.0.1:4000/sso/corp/callback', loginHint: 'zoe' },
    ]);
    const arrived = await browser.get(back(stateOf(leaving)));
    expect(arrived.status).toBe(303);
    const consent = await browser.follow(arrived);
    expect(consent.body).toContain('Zoë of Corp');
    expect(formOf(consent, 'consent').action).not.toContain(formOf(page, 'sso').action.split('/')[2]);
    expect(browser.cookies.has('gatehouse-session-4000')).toBe(true);
    expect(server.log.join('')).not.toContain('Zoë');
  });

  it('passes on what the client asks of the sign-in', async () => {
    const browser = await start();
    await browser.submit(await signInPage(browser, { max_age: '60', prompt: 'login' }), 'sso', {
      email: 'Z@corp.example',
    });
    expect(connector.departures).toMatchObject([{ maxAge: 60, anew: true, loginHint: 'Z@corp.example' }]);
  });

  it('is begun by no page of somebody else, and not without the token of the form', async () => {
    const browser = await start();
    const { action, fields } = formOf(await signInPage(browser), 'sso');
    const given = { ...Object.fromEntries(fields), provider: 'corp' };
    const crossSite = await browser.post(action, given, {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    });
    expect(crossSite.status).toBe(403);
    expect((await browser.post(action, { ...given, csrf: 'x' })).status).toBe(403);
    expect((await new Browser(server.app).post(action, given)).status).toBe(403);
    expect(connector.departures).toEqual([]);
  });

  it('ends in a victim’s browser in nothing when an attacker began it', async () => {
    const attacker = await start();
    const victim = new Browser(server.app, undefined, '192.0.2.66');
    const state = stateOf(await attacker.submit(await signInPage(attacker), 'sso', { provider: 'corp' }));
    await signInPage(victim);
    const refused = await victim.get(back(state));
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('begun in another browser')]);
    expect(victim.cookies.has('gatehouse-session-4000')).toBe(false);
    expect((await attacker.get(back(state))).status).toBe(303);
  });

  it('puts the person back before the choice when the provider is down, and lets passwords be', async () => {
    const browser = await start();
    connector.isDown = true;
    const page = await signInPage(browser);
    const again = await browser.submit(page, 'sso', { provider: 'corp' });
    expect([again.status, again.body]).toEqual([503, expect.stringContaining('does not answer now')]);
    const signedIn = await browser.submit(again, 'sign-in', { username: 'anna', password: PASSWORD });
    expect(signedIn.status).toBe(303);
  });

  it('is not on the page where no provider is, or none that is open', async () => {
    const browser = await start({}, { ...CORP, disabledAt: new Date(0) });
    const page = await signInPage(browser);
    expect(page.body).not.toContain('/sso"');
    expect(page.body).toContain('name="password"');
  });

  it('is all there is with LOCAL_SIGN_IN=off: a password is not even looked at', async () => {
    const browser = await start({ LOCAL_SIGN_IN: 'off' });
    const page = await signInPage(browser);
    expect(page.body).not.toContain('name="password"');
    const { action, fields } = formOf(page, 'sso');
    const tried = await browser.post(action.replace(/sso$/, 'sign-in'), {
      ...Object.fromEntries(fields),
      username: 'anna',
      password: PASSWORD,
    });
    expect([tried.status, tried.body]).toEqual([403, expect.stringContaining('Passwords are not accepted here')]);
    expect((await browser.submit(page, 'sso', { provider: 'corp' })).status).toBe(200);
  });

  it('leaves with LOCAL_SIGN_IN=break-glass the password to accounts that are marked, and records them', async () => {
    const browser = await start({ LOCAL_SIGN_IN: 'break-glass' });
    const page = await signInPage(browser);
    const anna = (await server.accounts.findByUsername('anna'))!;
    await server.accounts.setBreakGlass(anna.id, true, { type: 'account.changed', at: server.clock.now() });
    const wrong = await browser.submit(page, 'sign-in', { username: 'ben', password: 'not his' });
    const ben = await browser.submit(page, 'sign-in', { username: 'ben', password: PASSWORD });
    expect([wrong.status, ben.status]).toEqual([401, 403]);
    expect((await browser.submit(page, 'sign-in', { username: 'anna', password: PASSWORD })).status).toBe(303);
    expect(server.audit.events.map(({ reason }) => reason)).toContain('local_sign_in_off');
  });
});
