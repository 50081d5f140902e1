import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  claimsOf,
  findChromium,
  freePort,
  launchChromium,
  listenForCallback,
  type LoopbackCallback,
  OAuthFlow,
  type Replica,
  startReplica,
  tokensOf,
} from '@gatehouse/test-kit';
import { TOTP } from 'otpauth';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { anna, invoices, stack } from './house.js';

const executable = findChromium();
if (executable === undefined)
  process.stderr.write('\nNO CHROMIUM on this machine: passkeys are not tried. CHROMIUM_PATH names one.\n\n');

const SECOND = 'urn:gatehouse:acr:2fa';

/** Passkeys are for a domain, so this server calls itself localhost; everything else is the stack's. */
(executable === undefined ? describe.skip : describe)('second factors in a real Chromium', () => {
  let replica: Replica;
  let issuer: string;
  let house: OAuthFlow;
  let browser: Browser;
  let listener: LoopbackCallback;

  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://localhost:${String(port)}`;
    replica = await startReplica(stack, { ISSUER: issuer, LOCAL_SECOND_FACTOR: 'optional' }, port);
    house = new OAuthFlow(issuer);
    browser = await launchChromium(executable ?? '');
    listener = await listenForCallback();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await listener.close();
    await replica.stop();
  });

  async function newPage(): Promise<{ page: Page; authenticator: CDPSession; authenticatorId: string }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const authenticator = await context.newCDPSession(page);
    await authenticator.send('WebAuthn.enable');
    const { authenticatorId } = await authenticator.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return { page, authenticator, authenticatorId };
  }

  async function typePassword(page: Page): Promise<void> {
    await page.fill('input[name=username]', anna.username);
    await page.fill('input[name=password]', anna.password);
    await page.press('input[name=password]', 'Enter');
  }

  const begin = async (parameters: Record<string, string> = {}) => {
    const client = await house.register({ client_name: 'Second', redirect_uris: ['http://127.0.0.1/callback'] });
    const more = { redirect_uri: listener.redirectUri, ...parameters };
    return house.begin(client, { resource: invoices, scope: 'invoices:read', parameters: more });
  };

  it('an app and a passkey are added, each lets the person in at the level that a client asks for, and both go', async () => {
    const { page, authenticator, authenticatorId } = await newPage();
    await page.goto(`${issuer}/account`);
    await typePassword(page);
    await page.waitForSelector('text=Your account');

    await page.click('text=Add an authenticator app');
    const uri = await page.getAttribute('a[href^="otpauth:"]', 'href');
    const phone = new TOTP({ secret: new URL(uri ?? '').searchParams.get('secret') ?? '' });
    await page.fill('input[name=code]', phone.generate());
    await page.press('input[name=code]', 'Enter');
    await page.waitForSelector('text=Your recovery codes');
    const [firstCode, secondCode] = await page.locator('li code').allTextContents();

    // A session by the password alone is not enough any more: again, with a recovery code.
    const signInAgain = async (code = ''): Promise<void> => {
      await page.goto(`${issuer}/account/sign-in`);
      await typePassword(page);
      await page.waitForSelector('text=Second step');
      await page.fill('input[name=recovery_code]', code);
      await page.press('input[name=recovery_code]', 'Enter');
      await page.waitForSelector('text=Your account');
    };
    await signInAgain(firstCode);
    await page.click('text=a passkey');
    const policy = (await page.reload())?.headers()['content-security-policy'];
    expect(policy).toMatch(/script-src 'sha256-[^']+'(?:;|$)/);
    await page.click('button:has-text("Add a passkey")');
    await page.waitForSelector('text=(passkey)');
    const { credentials } = await authenticator.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }]);

    // The passkey alone, with no session left, where a client asks for two factors.
    await page.context().clearCookies();
    const pending = await begin({ acr_values: SECOND });
    await page.goto(pending.url);
    await page.click('text=Sign in with a passkey');
    await page.click('button:has-text("Continue")');
    await page.waitForSelector('form[action$="/consent"]');
    await page.click('button[value=approve]');
    const callback = new URL(await listener.wait(10));
    const tokens = tokensOf(await house.redeem(pending, callback.searchParams.get('code') ?? ''));
    expect(claimsOf(tokens.access_token)).toMatchObject({ acr: SECOND, amr: ['hwk', 'user'] });

    // The password, and the passkey as second step.
    await page.context().clearCookies();
    await page.goto((await begin()).url);
    await typePassword(page);
    await page.click('button:has-text("Use a passkey")');
    await page.waitForSelector('form[action$="/consent"]');

    // An authenticator that does not verify its user lets nobody in.
    await authenticator.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.context().clearCookies();
    await page.goto((await begin()).url);
    await page.click('text=Sign in with a passkey');
    await page.click('button:has-text("Continue")');
    await page.waitForSelector('#passkey-problem:not([hidden])');

    await signInAgain(secondCode);
    for (let left = 2; left > 0; left--) {
      await page.click('button[value=remove] >> nth=0');
      await page.waitForFunction(`document.querySelectorAll('button[value=remove]').length === ${String(left - 1)}`);
    }
    expect(await page.textContent('main')).toContain('None.');
  }, 60_000);
});
