import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  codeOf,
  findChromium,
  launchChromium,
  listenForCallback,
  type LoopbackCallback,
  tokensOf,
} from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from './house.js';

const executable = findChromium();
if (executable === undefined)
  process.stderr.write(
    '\nNO CHROMIUM on this machine: the real-browser flows are skipped. CHROMIUM_PATH names one.\n\n',
  );

/** Everything a person does here, they do by keyboard. What runs inside the page is text: it is not this program's. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${selector}`);
}

async function signInByKeyboard(page: Page): Promise<void> {
  await tabTo(page, 'input[name=username]');
  await page.keyboard.type(anna.username);
  await tabTo(page, 'input[name=password]');
  await page.keyboard.type(anna.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('form[action$="/consent"]');
}

/** Controls that a person could not name. */
const unnamedControls = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`[...document.querySelectorAll('input:not([type=hidden]), button, select, textarea')]
    .filter((control) => !control.labels?.length && !control.getAttribute('aria-label'))
    .filter((control) => control.tagName !== 'BUTTON' || control.textContent.trim() === '')
    .map(({ outerHTML }) => outerHTML)`);

(executable === undefined ? describe.skip : describe)('a real Chromium', () => {
  let browser: Browser;
  let listener: LoopbackCallback;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executable ?? '');
    listener = await listenForCallback();
  }, 30_000);
  afterAll(async () => {
    await browser.close();
    await listener.close();
  });

  async function newPage(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { context, page };
  }

  /** Registered without a port: a native client gets whatever port is free. */
  async function begin(scope = 'invoices:read invoices:write') {
    const client = await house.register({ client_name: 'Chromium flow', redirect_uris: ['http://127.0.0.1/callback'] });
    return house.begin(client, { resource: invoices, scope, parameters: { redirect_uri: listener.redirectUri } });
  }

  it('completes sign-in and consent by keyboard alone and reaches the loopback callback (AS-24, AS-34, AS-35, AS-36, CL-28)', async () => {
    const { context, page } = await newPage();
    const pending = await begin();
    const shown = await page.goto(pending.url);
    expect(shown?.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(shown?.headers()['x-frame-options']).toBe('DENY');
    expect(await page.title()).not.toBe('');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await unnamedControls(page)).toEqual([]);
    expect(await page.locator('script').count()).toBe(0);

    const beforeSignIn = await context.cookies();
    await signInByKeyboard(page);
    const session = (await context.cookies()).find(({ name }) => name.includes('session'));
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(beforeSignIn.map(({ value }) => value)).not.toContain(session?.value);

    expect(await unnamedControls(page)).toEqual([]);
    const words = (await page.textContent('body')) ?? '';
    expect(words).toContain('Chromium flow');
    expect(words).toContain('127.0.0.1');
    for (const scope of ['invoices:read', 'invoices:write'])
      expect(await page.locator(`input[type=checkbox][name=scope][value="${scope}"]`).count()).toBe(1);

    await tabTo(page, 'input[name=scope][value="invoices:write"]');
    if (await page.isChecked('input[name=scope][value="invoices:write"]')) await page.keyboard.press('Space');
    await tabTo(page, 'button[name=decision][value=approve]');
    await page.keyboard.press('Enter');
    const callback = new URL(await listener.wait(10));
    expect(callback.searchParams.get('iss')).toBe(stack.issuer);
    expect(callback.searchParams.get('state')).toBe(pending.state);

    const code = codeOf({ kind: 'callback', url: callback.href, status: 303, parameters: callback.searchParams });
    const tokens = tokensOf(await house.redeem(pending, code));
    expect(tokens.scope).toBe('invoices:read');
    await context.close();
  }, 45_000);

  it('raises no complaint of the Content Security Policy or of a script', () => {
    expect(complaints).toEqual([]);
  });

  it('tells a person who mistyped, keeps the name and not the password', async () => {
    const { context, page } = await newPage();
    await page.goto((await begin()).url);
    await tabTo(page, 'input[name=username]');
    await page.keyboard.type(anna.username);
    await tabTo(page, 'input[name=password]');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toContain('not right');
    expect(await page.inputValue('input[name=username]')).toBe(anna.username);
    expect(await page.inputValue('input[name=password]')).toBe('');
    await context.close();
  }, 30_000);

  it('shows no page of ours in a frame (AS-34)', async () => {
    const { context, page } = await newPage();
    const pending = await begin();
    await page.goto(new URL('/elsewhere', listener.redirectUri).href);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(pending.url)} }))`,
    );
    await page.waitForTimeout(1_000);
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    expect(await framed?.locator('form').count()).toBe(0);
    await context.close();
  }, 30_000);

  it('fits a small screen without sideways scrolling', async () => {
    const { context, page } = await newPage();
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto((await begin()).url);
    const sideways = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(await sideways()).toBeLessThanOrEqual(0);
    await signInByKeyboard(page);
    expect(await sideways()).toBeLessThanOrEqual(0);
    await context.close();
  }, 30_000);

  it('signs out by keyboard alone, after a question that a person can read', async () => {
    const { context, page } = await newPage();
    await page.goto((await begin()).url);
    await signInByKeyboard(page);
    await tabTo(page, 'a[href$="/logout"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('form[action$="/logout/confirm"]');
    expect(await page.title()).toContain('Sign out?');
    expect(await unnamedControls(page)).toEqual([]);
    await tabTo(page, 'button[value=sign-out]');
    await page.keyboard.press('Enter');
    await page.waitForFunction(`document.title.includes('You are signed out')`);
    expect((await context.cookies()).some(({ name }) => name.includes('session'))).toBe(false);
    await context.close();
  }, 30_000);

  it('answers a second click on an answered consent with a page, not with a second code (AS-31)', async () => {
    const { context, page } = await newPage();
    const pending = await begin();
    await page.goto(pending.url);
    await signInByKeyboard(page);
    const consent = page.url();
    await page.click('button[name=decision][value=deny]');
    await page.waitForURL(/\/callback\?/);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    const again = await page.goto(consent);
    expect(again?.status()).toBeGreaterThanOrEqual(400);
    expect(again?.status()).toBeLessThan(500);
    expect(await page.locator('form[action$="/consent"]').count()).toBe(0);
    await context.close();
  }, 30_000);
});
