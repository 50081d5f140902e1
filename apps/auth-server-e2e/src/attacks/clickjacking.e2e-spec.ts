import { describe, expect, it } from '@jest/globals';
import { type Answer, ask, form, type Page } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { atConsent, atRefusal, atSignIn, formAt } from './pages.js';

const PAGES: Readonly<Record<string, () => Promise<Answer>>> = {
  'the sign-in page': async () => (await atSignIn()).page.answer,
  'the page after a failed sign-in': async () => {
    const { browser, page } = await atSignIn();
    return ((await browser.signIn(page, { ...anna, password: 'wrong' })) as Page).answer;
  },
  'the consent page': async () => (await atConsent()).page.answer,
  'the page that announces a refusal': async () => (await atRefusal()).page.answer,
  'the page about a bad request': () => house.browser().exchange(house.endpoint('authorize')),
  'the page about a forged form': async () => {
    const { browser, page } = await atConsent();
    return browser.exchange(formAt(page, 'consent').action, form({ decision: 'approve' }));
  },
  'the page about a journey that is over': () =>
    house.browser().exchange(house.endpoint(`interaction/ghi_${'x'.repeat(43)}`)),
  'the page about nothing': () => house.browser().exchange(house.endpoint('nothing')),
  'a redirect': async () => house.browser().exchange(house.begin(await house.register(), { resource: invoices }).url),
  'an error of the token endpoint': () => house.token({}),
  'a refusal of the resource server': () => ask(invoices, { method: 'POST' }),
};

describe('clickjacking', () => {
  it.each(Object.entries(PAGES))('finds %s forbidding to be framed, sniffed or kept', async (_, reach) => {
    const answer = await reach();
    expect(answer.header('x-frame-options')).toBe('DENY');
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    const policy = answer.header('content-security-policy') ?? '';
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(directive);
    expect(policy).not.toMatch(/unsafe-(inline|eval)|\*/);
    if (answer.type === 'text/html') {
      expect(answer.header('cache-control')).toContain('no-store');
      expect(answer.text).not.toMatch(/<script|<iframe|\son\w+=|javascript:/i);
    }
  });

  it('finds forms that go nowhere but home, or on to the client', async () => {
    const { page } = await atConsent();
    const allowed = /form-action ([^;]*)/.exec(page.answer.header('content-security-policy') ?? '')?.[1] ?? '';
    for (const source of allowed.split(' '))
      expect(["'self'", stack.issuer, 'http://127.0.0.1:33999', 'http://127.0.0.1:*']).toContain(source);
  });
});
