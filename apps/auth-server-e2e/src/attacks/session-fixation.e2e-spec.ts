import { describe, expect, it } from '@jest/globals';
import { form, isConsent, isSignIn, LOOPBACK_CALLBACK, type Page } from '@gatehouse/test-kit';
import { anna, ben, house, invoices, stack } from '../flows/house.js';
import { atConsent, atSignIn, formAt } from './pages.js';
import { reasonsOf } from './refusals.js';

/** CVE-2026-7507: a journey that an attacker began and the victim ended, in one session. */
describe('session fixation', () => {
  it('finds an interaction that belongs to the browser which began it', async () => {
    const { page } = await atSignIn();
    const victim = await atConsent();
    const reasons = await reasonsOf(async () => {
      const lured = await victim.browser.exchange(page.url);
      expect([lured.status, lured.location, lured.type]).toEqual([400, undefined, 'text/html']);
    });
    expect(reasons).toEqual(['unknown_interaction']);
  });

  it('gains nothing by a browser cookie that was planted before sign-in', async () => {
    const { browser: attacker, page } = await atSignIn();
    const victim = house.browser();
    const planted = attacker.jar.get(/browser/)!;
    victim.jar.plant(stack.issuer, planted.name, planted.value);
    const consent = await victim.signIn(page, anna, LOOPBACK_CALLBACK);
    expect(isConsent(consent)).toBe(true);
    // The old address is dead, and at the new one the attacker is nobody.
    expect((await attacker.exchange(page.url)).status).toBe(400);
    expect(isSignIn(await attacker.open((consent as Page).url))).toBe(true);
    const { action, fields } = formAt(consent as Page, 'consent');
    const decided = await attacker.exchange(action, form({ ...fields, decision: 'approve', scope: 'invoices:read' }));
    expect([decided.status, decided.location]).toEqual([403, undefined]);
  });

  it('gains nothing by a session cookie that was planted before sign-in', async () => {
    const { browser, page } = await atSignIn();
    const name = (await atConsent()).browser.jar.get(/session/)!.name;
    const chosen = `ghw_${'x'.repeat(43)}`;
    browser.jar.plant(stack.issuer, name, chosen);
    await browser.signIn(page, anna, LOOPBACK_CALLBACK);
    const session = browser.jar.get(/session/)!.value;
    expect(session).not.toBe(chosen);
    const attacker = house.browser();
    attacker.jar.plant(stack.issuer, name, chosen);
    const { url } = house.begin(await house.register(), { resource: invoices });
    expect(isSignIn(await attacker.open(url))).toBe(true);
  });

  it('finds the old session ended by the next sign-in, and by a change of accounts', async () => {
    for (const next of ['sign-in', 'switch-account'] as const) {
      const { browser, page } = await atConsent();
      const { name, value } = browser.jar.get(/session/)!;
      if (next === 'switch-account') {
        const { action, fields } = formAt(page, next);
        await browser.exchange(action, form(fields));
      } else {
        const { url } = house.begin(await house.register(), { resource: invoices, parameters: { prompt: 'login' } });
        await browser.signIn((await browser.open(url)) as Page, ben);
        expect(browser.jar.get(/session/)?.value).not.toBe(value);
      }
      const thief = house.browser();
      thief.jar.plant(stack.issuer, name, value);
      const { url } = house.begin(await house.register(), { resource: invoices });
      expect([next, isSignIn(await thief.open(url))]).toEqual([next, true]);
    }
  });

  it('finds a cookie that comes twice worth nothing: one of the two was planted', async () => {
    const { browser, page } = await atConsent();
    const own = browser.jar.header(stack.issuer)!;
    const { name } = browser.jar.get(/browser/)!;
    for (const cookie of [`${own}; ${name}=ghb_${'x'.repeat(43)}`, `${name}=ghb_${'x'.repeat(43)}; ${own}`])
      expect((await browser.exchange(page.url, { headers: { cookie } })).status).toBe(400);
    expect((await browser.exchange(page.url)).status).toBe(200);
  });

  it('does not let one account answer what another was asked', async () => {
    const { browser, page } = await atConsent();
    const { url } = house.begin(await house.register(), { resource: invoices, parameters: { prompt: 'login' } });
    await browser.signIn((await browser.open(url)) as Page, ben);
    const { action, fields } = formAt(page, 'consent');
    const reasons = await reasonsOf(async () => {
      const answer = await browser.exchange(action, form({ ...fields, decision: 'approve', scope: 'invoices:read' }));
      expect([answer.status, answer.location]).toEqual([403, undefined]);
    });
    expect(reasons).toEqual(['session_of_other_account']);
  });
});
