import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CommandAnswer,
  LOOPBACK_CALLBACK,
  ask,
  findChromium,
  launchChromium,
  providersCommand,
  rewritten,
  startReplica,
  workspaceRoot,
} from '@gatehouse/test-kit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { house, stack } from '../flows/house.js';
import { type SamlHouse, startCorporateSaml } from './corporate-saml.js';
import { changing, CorporateBrowser, type Shown } from './corporate-browser.js';

/** People of a company sign in at its SAML identity provider, which is samlify, through pages; docs/sso/saml.md is followed. */
const ID = 'samlcorp';
const metadataUrl = `${stack.issuer}/sso/${ID}/metadata`;
const acs = `${stack.issuer}/sso/${ID}/acs`;
const otherHost = new URL(stack.issuer).hostname === 'localhost' ? '127.0.0.1' : 'localhost';

let corp: SamlHouse;
beforeAll(async () => {
  corp = await startCorporateSaml(otherHost, { encrypts: true });
  corp.employees.set('mia', {
    nameId: 'mia-0001',
    attributes: { email: ['mia@saml.example'], displayName: ['Mia Saml'], groups: ['finance'] },
  });
  corp.employees.set('mallory', { nameId: 'mallory-0002', attributes: { displayName: ['Mallory Saml'] } });
  expect(await apply({ encrypted: true })).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^samlcorp: (created|changed)/),
  });
  const metadata = await ask(metadataUrl);
  expect([metadata.status, metadata.type]).toEqual([200, 'application/samlmetadata+xml']);
  corp.idp.trust(metadata.text);
});
afterEach(() => {
  corp.answer = (request, person) => corp.idp.answer(request.id, person);
});
afterAll(async () => {
  await providersCommand(stack, ['remove', ID]);
  await corp.close();
});

/** The declaration of docs/sso/saml.md, with the addresses of here. */
function apply(settings: object = {}): Promise<CommandAnswer> {
  const documented = /```json\n([^]*?)```/.exec(readFileSync(join(workspaceRoot(), 'docs/sso/saml.md'), 'utf8'))?.[1];
  const text = (documented ?? '').replaceAll('https://idp.corp.example', corp.origin);
  const { providers } = JSON.parse(text) as { providers: [{ settings: object }] };
  const provider = { ...providers[0], id: ID, name: 'Saml Corp', domains: ['saml.example'] };
  const declared = { ...provider, settings: { ...provider.settings, ...settings } };
  return changing(providersCommand(stack, ['apply', '-'], JSON.stringify({ providers: [declared] })));
}

/** To the company's own page. */
async function leave(browser: CorporateBrowser, more: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const client = await house.register();
  const pending = house.begin(client, { scope: 'openid profile email', parameters: more });
  return browser.press(await browser.go(pending.url), 'sso', { provider: ID });
}

/** What the browser would post to the house. */
async function answered(browser: CorporateBrowser, there: Shown, login: string): Promise<Record<string, string>> {
  const back = await browser.fill(there, { login });
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(back.html)?.[1] ?? '';
  return { SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') };
}

/** As a browser posts it from another site: without the cookies that are kept from there. */
function post(fields: Readonly<Record<string, string>>, at = acs) {
  return ask(at, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: corp.origin,
      'sec-fetch-site': 'cross-site',
    },
  });
}

describe('a person of a company with SAML', () => {
  it('signs in there by a signed request and an encrypted answer, gets an account and consents', async () => {
    const browser = new CorporateBrowser();
    const there = await leave(browser);
    expect(new URL(there.url).origin).toBe(corp.origin);
    const ticket = await post(await answered(browser, there, 'mia'));
    expect([ticket.status, ticket.headers['set-cookie']]).toEqual([303, undefined]);
    const consent = await browser.go(ticket.location ?? '');
    expect(consent.text).toContain('Mia Saml');
    const answer = await browser.press(consent, 'consent', { decision: 'approve', scope: 'openid' }, LOOPBACK_CALLBACK);
    expect(new URL(answer.url).searchParams.get('code')).toMatch(/^ghc_/);
  });

  it('has to sign in anew there when the app wants that', async () => {
    const browser = new CorporateBrowser();
    const there = await leave(browser, { prompt: 'login' });
    expect(corp.requests.at(-1)).toMatchObject({ forceAuthn: true, acs });
    corp.answer = (request, person) =>
      corp.idp.answer(request.id, person, { AuthnInstant: new Date(Date.now() - 3_600_000).toISOString() });
    expect((await post(await answered(browser, there, 'mia'))).status).toBe(403);
    corp.answer = (request, person) => corp.idp.answer(request.id, person);
    const ticket = await post(await answered(browser, await leave(browser, { prompt: 'login' }), 'mia'));
    expect((await browser.go(ticket.location ?? '')).text).toContain('Mia Saml');
  });

  it('does it all in a real browser, from another site, so without cookies at the first step back', async () => {
    const path = findChromium();
    if (path === undefined) throw new Error('no Chromium here; CHROMIUM_PATH names one');
    const chromium = await launchChromium(path);
    try {
      const tab = await (await chromium.newContext()).newPage();
      const client = await house.register();
      await tab.goto(house.begin(client, { scope: 'openid profile' }).url);
      await tab.getByRole('button', { name: 'Sign in with Saml Corp' }).click();
      await tab.locator('input[name=login]').fill('mia');
      await tab.getByRole('button', { name: 'Go' }).click();
      await tab.getByRole('button', { name: 'Back' }).click();
      await tab.getByText('Mia Saml').first().waitFor();
      expect(new URL(tab.url()).origin).toBe(new URL(stack.issuer).origin);
    } finally {
      await chromium.close();
    }
  });
});

describe('an attacker', () => {
  it("cannot finish in a victim's browser what they began in their own (login CSRF)", async () => {
    const [mallory, victim] = [new CorporateBrowser(), new CorporateBrowser()];
    await leave(victim);
    const ticket = await post(await answered(mallory, await leave(mallory), 'mallory'));
    expect(ticket.status).toBe(303);
    const shown = await victim.go(ticket.location ?? '');
    expect([shown.status, shown.text.includes('Mallory')]).toEqual([400, false]);
    // Nor has the victim spoiled anything: it is Mallory's, once.
    expect((await mallory.go(ticket.location ?? '')).text).toContain('Mallory Saml');
    expect((await mallory.go(ticket.location ?? '')).status).toBe(400);
  });

  it('cannot use an answer twice, at whichever replica', async () => {
    const replica = await startReplica(stack);
    try {
      const browser = new CorporateBrowser();
      const fields = await answered(browser, await leave(browser), 'mia');
      const body = new URLSearchParams(fields).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
      const posts = Array.from({ length: 8 }, (_, n) =>
        ask(acs, { method: 'POST', body, headers, ...(n % 2 ? { via: replica.origin } : {}) }),
      );
      const statuses = (await Promise.all(posts)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 303)).toHaveLength(1);
      expect(statuses.filter((status) => status === 303 || status === 400 || status === 403)).toHaveLength(8);
      // Nor for another login of the same browser.
      await leave(browser);
      const other = corp.requests.at(-1)?.relayState ?? '';
      expect((await post({ ...fields, RelayState: other })).status).toBe(403);
    } finally {
      await replica.stop();
    }
  });

  it.each<[string, (fields: Record<string, string>) => Record<string, string>, number]>([
    ['without a login', ({ SAMLResponse = '' }) => ({ SAMLResponse }), 400],
    ['to a login that nobody began', (fields) => ({ ...fields, RelayState: `ghv_${'A'.repeat(43)}` }), 400],
    [
      'that is altered',
      (fields) => ({
        ...fields,
        SAMLResponse: rewritten(fields['SAMLResponse'] ?? '', (xml) =>
          xml.replace('<samlp:Status>', '<samlp:Status><!-- -->'),
        ),
      }),
      403,
    ],
    ['that is empty', (fields) => ({ ...fields, SAMLResponse: '' }), 403],
    ['that is nonsense', (fields) => ({ ...fields, SAMLResponse: '%00' }), 403],
  ])('gets nothing for an answer %s', async (_, change, status) => {
    const browser = new CorporateBrowser();
    const fields = await answered(browser, await leave(browser), 'mia');
    const refused = await post(change(fields));
    expect([refused.status, refused.location]).toEqual([status, undefined]);
    expect(refused.text).not.toMatch(/saml|xml|signature/i);
    // The honest answer is still good.
    expect((await post(fields)).status).toBe(303);
  });

  it('gets nothing for an answer at the address of another provider', async () => {
    const browser = new CorporateBrowser();
    const fields = await answered(browser, await leave(browser), 'mia');
    expect((await post(fields, `${stack.issuer}/sso/other/acs`)).status).toBe(400);
    expect((await post(fields)).status).toBe(303);
  });
});

describe('an operator with SAML', () => {
  it('sees what the metadata says, and keeps the keys when the settings change', async () => {
    expect(await providersCommand(stack, ['test', ID])).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining(corp.idp.entityId),
    });
    const before = (await ask(metadataUrl)).text;
    expect(before).toMatch(/<KeyDescriptor use="signing">[^]*<KeyDescriptor use="encryption">/);
    expect((await apply({ encrypted: true, strongContexts: ['urn:corp:mfa'] })).exitCode).toBe(0);
    expect((await ask(metadataUrl)).text).toBe(before);
    expect((await providersCommand(stack, ['list'])).output).not.toContain('PRIVATE KEY');
  });

  it('is told what is wrong with settings, and nothing of secrets', async () => {
    const bad = await apply({ clockSkew: 3600 });
    expect([bad.exitCode, bad.output]).toEqual([1, expect.stringContaining('settings')]);
  });
});
