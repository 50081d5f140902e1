import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import {
  type Answer,
  isConsent,
  isSignIn,
  LOOPBACK_CALLBACK,
  OAuthFlow,
  type Page,
  pause,
  type Replica,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

/** A replica with tight limits behind a "proxy", so that each test can come from a network of its own. */
describe('the limits', () => {
  let replica: Replica;

  beforeAll(async () => {
    replica = await startReplica(stack, {
      ...WIDE_LIMITS,
      TRUSTED_PROXIES: '127.0.0.1',
      REGISTRATION_LIMIT_PER_NETWORK: '3/2',
      AUTHORIZATION_LIMIT_PER_NETWORK: '4/60',
      SIGN_IN_LIMIT_PER_ACCOUNT_AND_NETWORK: '3/60',
      TOKEN_FAILURE_LIMIT: '5/60',
    });
  }, 30_000);
  afterAll(() => replica.stop());

  const from = (address = newAddress(), before = '') =>
    new OAuthFlow(stack.issuer, { via: () => replica.origin, headers: { 'x-forwarded-for': before + address } });
  const newAddress = () => `198.18.${String(randomInt(256))}.${String(randomInt(1, 255))}`;

  function expectTooMany(answer: Answer, seconds: number): void {
    expect(answer.status).toBe(429);
    const wait = Number(answer.header('retry-after'));
    expect(Number.isInteger(wait) && wait >= 1 && wait <= seconds).toBe(true);
    expect(answer.header('cache-control')).toContain('no-store');
  }

  it('slow down registrations from one network, and only from that one (AS-104)', async () => {
    const address = newAddress();
    const flow = from(address);
    for (let index = 0; index < 3; index += 1) expect((await flow.registration()).status).toBe(201);
    const refused = await flow.registration();
    expectTooMany(refused, 2);
    expect(refused.error).toBe('too_many_requests');
    expect((await from().registration()).status).toBe(201);
    // What a client writes in front of the proxy's own entry is its own invention.
    expectTooMany(await from(address, '203.0.113.9, ').registration(), 2);
    await pause(Number(refused.header('retry-after')) * 1000 + 200);
    expect((await flow.registration()).status).toBe(201);
  });

  it('slow down authorization requests with a page', async () => {
    const flow = from();
    const { url } = flow.begin(await flow.register(), { resource: invoices });
    const browser = flow.browser();
    for (let index = 0; index < 4; index += 1) expect((await browser.exchange(url)).status).toBe(303);
    const refused = await browser.exchange(url);
    expectTooMany(refused, 60);
    expect(refused.type).toBe('text/html');
  });

  it('lock a guesser out of an account, and the person only on that network (AS-54)', async () => {
    const guesser = from();
    const { url } = guesser.begin(await guesser.register(), { resource: invoices });
    const browser = guesser.browser();
    let page = (await browser.open(url, LOOPBACK_CALLBACK)) as Page;
    for (let index = 0; index < 3; index += 1) {
      page = (await browser.signIn(page, { username: anna.username, password: 'wrong guess' })) as Page;
      expect([page.status, isSignIn(page)]).toEqual([401, true]);
    }
    page = (await browser.signIn(page, anna)) as Page;
    expectTooMany(page.answer, 60);
    expect(browser.jar.get(/session/)).toBeUndefined();

    const honest = from();
    const elsewhere = honest.browser();
    const start = await elsewhere.open(
      honest.begin(await honest.register(), { resource: invoices }).url,
      LOOPBACK_CALLBACK,
    );
    expect(isConsent(await elsewhere.signIn(start as Page, anna, LOOPBACK_CALLBACK))).toBe(true);
  });

  it('slow down who guesses codes or tokens, and no other client (AS-54)', async () => {
    const flow = from();
    const guesser = await flow.register();
    const honest = await flow.register();
    const guess = (client: typeof guesser) => flow.refresh({ client, resource: invoices }, 'ghr_guess');
    for (let index = 0; index < 5; index += 1) expect((await guess(guesser)).error).toBe('invalid_grant');
    await guess(guesser);
    expectTooMany(await guess(guesser), 60);
    expect((await guess(honest)).error).toBe('invalid_grant');
  });
});
