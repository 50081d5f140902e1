import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  claimsOf,
  findChromium,
  launchChromium,
  LOOPBACK_CALLBACK,
  providersCommand,
  workspaceRoot,
} from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { CORPORATE_CLIENT, type CorporateOidc, startCorporateOidc } from './corporate-oidc.js';
import { CorporateBrowser, type Shown, untilOffered } from './corporate-browser.js';

/** People of a company sign in at its own provider, which is oidc-provider, through its own pages. */
const callbackOf = (id: string): string => `${stack.issuer}/sso/${id}/callback`;

let corp: CorporateOidc;
beforeAll(async () => {
  corp = await startCorporateOidc([callbackOf('corp')]);
  corp.employees.set('zoe', {
    email: 'zoe@corp.example',
    email_verified: true,
    name: 'Zoë Li',
    preferred_username: 'zoe',
    groups: ['finance', 'all'],
  });
  corp.employees.set('mallory', {
    email: 'zoe@corp.example',
    email_verified: false,
    name: 'Mallory',
    preferred_username: 'admin',
    groups: [],
  });
  expect(await apply()).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^corp: (created|changed)/) });
});
afterAll(async () => {
  await providersCommand(stack, ['remove', 'corp']);
  await corp.close();
});

function apply(more: object = {}) {
  const provider = {
    id: 'corp',
    kind: 'oidc',
    name: 'Corp',
    domains: ['corp.example'],
    just_in_time: true,
    settings: {
      issuer: corp.issuer,
      client_id: CORPORATE_CLIENT.id,
      scopes: ['openid', 'profile', 'email', 'groups'],
    },
    secrets: { client_secret: CORPORATE_CLIENT.secret },
    ...more,
  };
  return providersCommand(stack, ['apply', '-'], JSON.stringify({ providers: [provider] }));
}

/** To the sign-in page of the house, for an app that wants to know who there is. */
async function begin(browser: CorporateBrowser, more: Readonly<Record<string, string>> = {}) {
  const client = await house.register();
  const pending = house.begin(client, { scope: 'openid profile email', parameters: more });
  return { pending, page: await untilOffered(browser, pending.url, 'Corp') };
}

/** Through the pages of oidc-provider: name and password, then its own consent. */
async function signInThere(browser: CorporateBrowser, page: Shown, login: string): Promise<Shown> {
  expect(new URL(page.url).origin).toBe(corp.issuer);
  let at = await browser.fill(page, { login, password: 'whatever' });
  for (let count = 0; count < 2 && at.url.startsWith(corp.issuer); count += 1) at = await browser.fill(at, {});
  return at;
}

describe('a person of a company', () => {
  it('signs in there by the button, gets an account here, and consents as everybody does', async () => {
    const browser = new CorporateBrowser();
    const { page, pending } = await begin(browser);
    expect(page.text).toContain('Sign in with Corp');
    const there = await browser.press(page, 'sso', { provider: 'corp' });
    const consent = await signInThere(browser, there, 'zoe');
    expect(consent.text).toContain('Zoë Li');
    const answer = await browser.press(consent, 'consent', { decision: 'approve', scope: 'openid' }, LOOPBACK_CALLBACK);
    const tokens = await house.redeem(pending, new URL(answer.url).searchParams.get('code') ?? '');
    const claims = claimsOf(tokens.json<{ id_token: string }>().id_token);
    expect(claims).toMatchObject({ iss: stack.issuer, acr: 'urn:gatehouse:acr:1fa', sid: expect.any(String) });
  });

  it('is found by the domain of the address, and known the second time', async () => {
    const browser = new CorporateBrowser();
    const { page } = await begin(browser);
    const there = await browser.press(page, 'sso', { email: 'Zoe@Corp.Example' });
    expect((await signInThere(browser, there, 'zoe')).text).toContain('Zoë Li');
  });

  it('stays at the choice when no provider has the domain', async () => {
    const browser = new CorporateBrowser();
    const { page } = await begin(browser);
    const again = await browser.press(page, 'sso', { email: 'zoe@elsewhere.example' });
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('Nobody here signs in with this')]);
  });

  it('does not become somebody else by an address that nobody verified', async () => {
    const browser = new CorporateBrowser();
    const { page } = await begin(browser);
    const there = await browser.press(page, 'sso', { provider: 'corp' });
    const consent = await signInThere(browser, there, 'mallory');
    expect(consent.text).toContain('Mallory');
    expect(consent.text).not.toContain('Zoë');
  });

  it('signs in anew there when the app wants that, though both houses still know the browser', async () => {
    const browser = new CorporateBrowser();
    const first = await begin(browser);
    await signInThere(browser, await browser.press(first.page, 'sso', { provider: 'corp' }), 'zoe');
    const second = await begin(browser, { prompt: 'login' });
    const there = await browser.press(second.page, 'sso', { provider: 'corp' });
    expect(there.html).toContain('name="login"');
    expect((await signInThere(browser, there, 'zoe')).text).toContain('Zoë Li');
  });

  it('is sent back with a clear page when it gives up there', async () => {
    const browser = new CorporateBrowser();
    const { page } = await begin(browser);
    const there = await browser.press(page, 'sso', { provider: 'corp' });
    const abort = /href="([^"]*\/abort)"/.exec(there.html)?.[1] ?? '';
    const shown = await browser.go(new URL(abort, there.url).href);
    expect([shown.status, shown.text]).toEqual([403, expect.stringContaining('did not let you in')]);
  });

  it('does it all in a real browser', async () => {
    const path = findChromium();
    if (path === undefined) throw new Error('no Chromium here; CHROMIUM_PATH names one');
    const chromium = await launchChromium(path);
    try {
      const context = await chromium.newContext();
      const tab = await context.newPage();
      const client = await house.register();
      const pending = house.begin(client, { scope: 'openid profile' });
      await tab.goto(pending.url);
      await tab.getByRole('button', { name: 'Sign in with Corp' }).click();
      await tab.locator('input[name=login]').fill('zoe');
      await tab.locator('input[name=password]').fill('whatever');
      await tab.locator('button[type=submit]').click();
      await tab.locator('button[type=submit]').click();
      await tab.getByText('Zoë Li').first().waitFor();
      expect(new URL(tab.url()).origin).toBe(stack.issuer);
    } finally {
      await chromium.close();
    }
  });
});

describe('an operator', () => {
  it('sees what a provider says of itself, and of one that is not there only that', async () => {
    expect(await providersCommand(stack, ['test', 'corp'])).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining(corp.issuer),
    });
    const settings = { issuer: 'http://127.0.0.1:9', client_id: 'x' };
    const declared = { id: 'gone', kind: 'oidc', name: 'Gone', settings, secrets: { client_secret: 'hunter2hunter2' } };
    await providersCommand(stack, ['apply', '-'], JSON.stringify({ providers: [declared] }));
    const { exitCode, output } = await providersCommand(stack, ['test', 'gone']);
    expect([exitCode, output]).toEqual([1, expect.stringContaining('gone: provider_unavailable')]);
    expect((await providersCommand(stack, ['list'])).output).not.toContain('hunter2');
    await providersCommand(stack, ['remove', 'gone']);
  });

  it('closes a provider, without a restart, to people who are on their way too', async () => {
    const browser = new CorporateBrowser();
    const { page } = await begin(browser);
    const there = await browser.press(page, 'sso', { provider: 'corp' });
    expect((await providersCommand(stack, ['disable', 'corp'])).exitCode).toBe(0);
    const refused = await signInThere(browser, there, 'zoe');
    expect([refused.status, refused.url.startsWith(callbackOf('corp'))]).toEqual([expect.any(Number), true]);
    expect([400, 403]).toContain(refused.status);
    expect((await providersCommand(stack, ['enable', 'corp'])).exitCode).toBe(0);
  });

  it('leaves those who sign in with a password as they were', async () => {
    const client = await house.register();
    const pending = house.begin(client, { resource: invoices, scope: 'invoices:read' });
    const browser = new CorporateBrowser();
    const page = await browser.go(pending.url);
    const consent = await browser.press(page, 'sign-in', { username: anna.username, password: anna.password });
    expect(consent.html).toContain('/consent"');
  });
});

describe('docs/sso/oidc.md', () => {
  it('sets up sign-in for whoever follows it to the letter', async () => {
    const text = readFileSync(join(workspaceRoot(), 'docs/sso/oidc.md'), 'utf8');
    expect(text).toContain('<ISSUER>/sso/corp/callback');
    const declaration = /```json\n([^]*?)```/.exec(text)?.[1] ?? '';
    const commands = [...text.matchAll(/npm run gatehouse -- providers (.+)/g)].map(([, args = '']) => args.split(' '));
    expect(commands.slice(0, 2)).toEqual([
      ['apply', 'providers.json'],
      ['test', 'corp'],
    ]);
    const directory = mkdtempSync(join(tmpdir(), 'providers-'));
    try {
      // What the page leaves to its reader: where the provider is, and the secret.
      writeFileSync(join(directory, 'providers.json'), declaration.replace('https://idp.corp.example', corp.issuer));
      writeFileSync(join(directory, 'corp-client-secret'), `${CORPORATE_CLIENT.secret}\n`);
      for (const [verb = '', subject = ''] of commands.slice(0, 2)) {
        const argument = verb === 'apply' ? join(directory, subject) : subject;
        expect(await providersCommand(stack, [verb, argument])).toMatchObject({ exitCode: 0, errors: '' });
      }
      const browser = new CorporateBrowser();
      const { page } = await begin(browser);
      const there = await browser.press(page, 'sso', { provider: 'corp' });
      expect((await signInThere(browser, there, 'zoe')).text).toContain('Zoë Li');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
