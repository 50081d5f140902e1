import { after, type ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { randomUUID } from 'node:crypto';
import { memoryCore, ISSUER } from '../testing/memory-core.js';
import { MemoryLogoutNoticeStore } from '../testing/memory-logout-notice.store.js';
import { LOGOUT_DELIVERY, LogoutDeliveries } from './logout-delivery.js';
import { type LogoutDelivery, LogoutReceiver } from './logout-receiver.js';

/** Answers as each address is told to; one that is told nothing answers when it is let go. */
class TestReceiver extends LogoutReceiver {
  readonly got: { readonly uri: string; readonly token: string }[] = [];
  readonly answers = new Map<string, LogoutDelivery>();
  readonly #waiting: (() => void)[] = [];

  override deliver(uri: string, token: string): Promise<LogoutDelivery> {
    this.got.push({ uri, token });
    const answer = this.answers.get(uri);
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        resolve('delivered');
      });
    });
  }

  letGo(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }
}

function house() {
  const core = memoryCore();
  const notices = new MemoryLogoutNoticeStore(core.database);
  const receiver = new TestReceiver();
  const by = { issuer: ISSUER, clock: core.clock, signer: core.signer, notices, receiver };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
  const worker = () => new LogoutDeliveries({ ...by, pause });
  const client = (uri: string, answer?: LogoutDelivery): ClientId => {
    if (answer) receiver.answers.set(uri, answer);
    return core.client({ id: `c_${randomUUID()}` as ClientId, backchannelLogoutUri: uri }).id;
  };
  const notice = (clientId: ClientId) => {
    const accountId = core.database.addAccount();
    const sid = randomUUID();
    notices.add({ id: randomUUID(), clientId, accountId, sid, endedAt: core.clock.now() });
    return { accountId, sid };
  };
  const run = (stopping = new AbortController().signal) => worker().run(stopping);
  const audit = () => core.database.audit.map(({ type, reason, detail }) => ({ type, reason, detail }));
  return { core, notices, receiver, client, notice, run, audit };
}
const APP = 'https://app.example/out';

describe('telling clients that a session has ended', () => {
  it('sends each a token of its own, which no endpoint takes for another kind', async () => {
    const { core, receiver, client, notice, run, audit } = house();
    const app = client(APP, 'delivered');
    const { accountId, sid } = notice(app);
    expect(await run()).toEqual({ delivered: 1, postponed: 0, givenUp: 0 });
    const [{ uri, token } = { uri: '', token: '' }] = receiver.got;
    expect(uri).toBe(APP);
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'logout+jwt', alg: 'ES256' });
    const claims = decodeJwt(token);
    expect(claims).toEqual({
      iss: ISSUER,
      sub: accountId,
      aud: app,
      sid,
      iat: expect.any(Number),
      exp: claims.iat! + 120,
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(await core.accessTokens.read(token)).toBeUndefined();
    expect(audit()).toEqual([{ type: 'logout.delivered', reason: undefined, detail: { attempts: 1 } }]);
    expect(await run()).toEqual({ delivered: 0, postponed: 0, givenUp: 0 });
  });

  it('tries again with growing pauses, with another token each time, and gives up in the end', async () => {
    const { core, notices, receiver, client, notice, run, audit } = house();
    notice(client(APP, 'refused'));
    const begun = core.clock.now().getTime();
    const pauses: number[] = [];
    for (let last = begun; notices.notices.size > 0;) {
      await run();
      const [next] = notices.notices.values();
      if (!next) break;
      pauses.push((next.dueAt.getTime() - core.clock.now().getTime()) / 1000);
      expect(await run()).toEqual({ delivered: 0, postponed: 0, givenUp: 0 });
      core.clock.advance(pauses.at(-1) ?? 0);
      last = core.clock.now().getTime();
      expect(last).toBeLessThan(begun + LOGOUT_DELIVERY.giveUpAfter * 1000);
    }
    expect(pauses.slice(0, 7)).toEqual([10, 30, 90, 270, 810, 2430, 3600]);
    expect(new Set(receiver.got.map(({ token }) => decodeJwt(token).jti)).size).toBe(receiver.got.length);
    expect(audit()).toMatchObject([{ type: 'logout.given_up', reason: 'logout_refused_by_receiver' }]);
  });

  it('reaches a client that was away for a while', async () => {
    const { core, receiver, client, notice, run } = house();
    notice(client(APP, 'unreachable'));
    expect(await run()).toMatchObject({ postponed: 1 });
    receiver.answers.set(APP, 'not_now');
    core.clock.advance(10);
    expect(await run()).toMatchObject({ postponed: 1 });
    receiver.answers.set(APP, 'delivered');
    // What was not tried does not make the next pause longer.
    core.clock.advance(LOGOUT_DELIVERY.notNow);
    expect(await run()).toMatchObject({ delivered: 1 });
  });

  it('gives up at once on a client that is gone, disabled, or wants to hear no more', async () => {
    const { core, receiver, client, notice, run, audit } = house();
    const disabled = client(APP, 'delivered');
    core.database.disableClient(disabled, core.clock.now());
    notice(disabled);
    notice('c_gone' as ClientId);
    notice(core.client({ id: 'c_silent' as ClientId }).id);
    expect(await run()).toEqual({ delivered: 0, postponed: 0, givenUp: 3 });
    expect(receiver.got).toEqual([]);
    expect(audit().map(({ reason }) => reason)).toEqual(Array.from({ length: 3 }, () => 'unknown_client'));
  });

  it('is done once by two workers at once', async () => {
    const { receiver, client, notice, run } = house();
    const app = client(APP, 'delivered');
    for (let count = 0; count < 20; count += 1) notice(app);
    const results = await Promise.all([run(), run(), run()]);
    expect(results.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(20);
    expect(receiver.got).toHaveLength(20);
  });

  it('is left to another worker when the one that held it died', async () => {
    const { core, notices, receiver, client, notice, run } = house();
    notice(client(APP, 'delivered'));
    const now = core.clock.now();
    // The dead one.
    await notices.claim({ now, until: after(now, LOGOUT_DELIVERY.claim), limit: 1, perClient: 1, except: [] });
    expect(await run()).toMatchObject({ delivered: 0 });
    core.clock.advance(LOGOUT_DELIVERY.claim);
    expect(await run()).toMatchObject({ delivered: 1 });
    expect(receiver.got).toHaveLength(1);
  });

  it('keeps nobody waiting for a receiver that does not answer, but that receiver', async () => {
    const { receiver, client, notice, run } = house();
    const slow = client('https://slow.example/out');
    const quick = client(APP, 'delivered');
    for (let count = 0; count < 50; count += 1) notice(slow);
    for (let count = 0; count < 50; count += 1) notice(quick);
    const stopping = new AbortController();
    const running = run(stopping.signal);
    await eventually(() => receiver.got.filter(({ uri }) => uri === APP).length === 50);
    expect(receiver.got.filter(({ uri }) => uri !== APP)).toHaveLength(LOGOUT_DELIVERY.perClient);
    // What becomes due meanwhile is found too.
    notice(quick);
    await eventually(() => receiver.got.filter(({ uri }) => uri === APP).length === 51);
    stopping.abort();
    receiver.letGo();
    expect(await running).toMatchObject({ delivered: 51 + LOGOUT_DELIVERY.perClient });
  });

  it('waits for what is under way before it says that the store was lost', async () => {
    const { notices, receiver, client, notice, run } = house();
    notice(client(APP));
    const claim = notices.claim.bind(notices);
    let claims = 0;
    notices.claim = (asked) => ((claims += 1) === 1 ? claim(asked) : Promise.reject(new Error('lost')));
    const running = run();
    let over = false;
    void running.catch(() => undefined).finally(() => (over = true));
    await eventually(() => claims === 2);
    expect(over).toBe(false);
    receiver.letGo();
    await expect(running).rejects.toThrow('lost');
    expect(notices.notices.size).toBe(0);
  });

  it('leaves everything as it is when no key may sign, and says so', async () => {
    const { core, notices, client, notice, run } = house();
    notice(client(APP, 'delivered'));
    core.signer.available = false;
    await expect(run()).rejects.toMatchObject({ reason: 'keys_unavailable' });
    expect(notices.notices.size).toBe(1);
  });
});

async function eventually(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && !condition(); n += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
}
