import { describe, expect, it } from '@jest/globals';
import { form } from '@gatehouse/test-kit';
import { anna, stack } from '../flows/house.js';
import { type At, atConsent, atRefusal, atSignIn, formAt } from './pages.js';
import { reasonsOf } from './refusals.js';

const FORMS: readonly [string, () => Promise<At>, Readonly<Record<string, string>>][] = [
  ['sign-in', atSignIn, { username: anna.username, password: anna.password }],
  ['consent', atConsent, { decision: 'approve' }],
  ['switch-account', atConsent, {}],
  ['refusal', atRefusal, {}],
];

/** CVE-2026-27124: a consent that was not bound to the browser. */
describe.each(FORMS)('a forged post to %s', (name, reach, filled) => {
  const wrongToken: readonly [string, (csrf: string) => Promise<string | undefined>][] = [
    ['missing', async () => undefined],
    ['empty', async () => ''],
    ['made up', async () => 'A'.repeat(43)],
    ['cut off', async (csrf) => csrf.slice(0, -1)],
    ["another browser's", async () => formAt((await reach()).page, name).fields['csrf']],
  ];

  it('is refused when its token is not the one of this browser and page', async () => {
    const { browser, page } = await reach();
    const { action, fields } = formAt(page, name);
    for (const [which, tokenFor] of wrongToken) {
      const csrf = await tokenFor(fields['csrf'] ?? '');
      const reasons = await reasonsOf(async () => {
        const answer = await browser.exchange(action, form({ ...fields, ...filled, csrf }));
        expect([which, answer.status, answer.location]).toEqual([which, 403, undefined]);
      });
      expect([which, reasons]).toEqual([which, ['wrong_csrf_token']]);
    }
    expect((await browser.exchange(action, form({ ...fields, ...filled }))).status).toBe(303);
  });

  it('is refused when it comes from another site, whatever its token', async () => {
    const { browser, page } = await reach();
    const { action, fields } = formAt(page, name);
    const { port } = new URL(stack.issuer);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: `${stack.issuer}.evil.example` },
      { origin: stack.issuer.replace('http:', 'https:') },
      { origin: stack.issuer.replace(port, String(Number(port) - 1)) },
      { 'sec-fetch-site': 'cross-site' },
      { origin: stack.issuer, 'sec-fetch-site': 'cross-site' },
    ];
    const reasons = await reasonsOf(async () => {
      for (const headers of foreign) {
        const answer = await browser.exchange(action, form({ ...fields, ...filled }, headers));
        expect([headers, answer.status, answer.location]).toEqual([headers, 403, undefined]);
      }
    });
    expect(reasons).toEqual(foreign.map(() => 'cross_site_post'));
    const honest = { origin: stack.issuer, 'sec-fetch-site': 'same-origin' };
    expect((await browser.exchange(action, form({ ...fields, ...filled }, honest))).status).toBe(303);
  });

  it('is refused without the cookie, and as a link', async () => {
    const { browser, page } = await reach();
    const { action, fields } = formAt(page, name);
    const { jar } = browser;
    const cookie = jar.get(/browser/)!;
    jar.forget(/browser/);
    const without = await browser.exchange(action, form({ ...fields, ...filled }));
    expect([without.status, without.location]).toEqual([403, undefined]);
    jar.plant(stack.issuer, cookie.name, cookie.value);
    const link = await browser.exchange(`${action}?${new URLSearchParams({ ...fields, ...filled }).toString()}`);
    expect([link.status, link.location]).toEqual([405, undefined]);
    expect((await browser.exchange(action, form({ ...fields, ...filled }))).status).toBe(303);
  });
});
