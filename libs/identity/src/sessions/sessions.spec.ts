import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AccountId, after, newSecret, tokenHash } from '@gatehouse/protocol';
import { BY_PASSWORD } from '../sign-in/authentication.js';
import { MemoryAccountStore, MemorySessionStore, StoppedClock } from '../testing/index.js';
import { Sessions } from './sessions.js';

describe('Sessions', () => {
  const accountId = randomUUID() as AccountId;
  const sid = randomUUID();
  let clock: StoppedClock;
  let accounts: MemoryAccountStore;
  let store: MemorySessionStore;
  let sessions: Sessions;
  let cookie: string;

  beforeEach(async () => {
    clock = new StoppedClock();
    accounts = new MemoryAccountStore();
    store = new MemorySessionStore(accounts);
    sessions = new Sessions({ sessions: store, clock });
    const at = clock.now();
    await accounts.create(
      { id: accountId, username: 'anna', displayName: 'Anna', createdAt: at },
      { type: 'account.created', at },
    );
    cookie = newSecret('ghw_');
    const session = {
      id: tokenHash(cookie),
      accountId,
      authenticatedAt: at,
      expiresAt: after(at, 60),
      sid,
      ...BY_PASSWORD,
    };
    await store.start(session, undefined, { type: 'sign_in.succeeded', at, accountId });
  });

  it('knows the person of a cookie until the session ends', async () => {
    const person = { accountId, authenticatedAt: clock.now(), sid, ...BY_PASSWORD, displayName: 'Anna' };
    expect(await sessions.currentPerson(cookie)).toEqual(person);
    clock.advance(60);
    expect(await sessions.currentPerson(cookie)).toBeUndefined();
  });

  it('knows nobody without a cookie or by another one', async () => {
    expect(await sessions.currentPerson(undefined)).toBeUndefined();
    expect(await sessions.currentPerson(newSecret('ghw_'))).toBeUndefined();
  });

  it('does not ask the store for what cannot be a session, its hash among them', async () => {
    const find = jest.spyOn(store, 'find');
    for (const text of ['', tokenHash(cookie), newSecret('ghb_'), `${cookie}\u0000`, 'x'.repeat(100_000)])
      expect(await sessions.currentPerson(text)).toBeUndefined();
    expect(find).not.toHaveBeenCalled();
  });

  it('knows nobody any more when the account is disabled', async () => {
    accounts.disable(accountId, clock.now());
    expect(await sessions.currentPerson(cookie)).toBeUndefined();
  });

  it('ends a session once and records it', async () => {
    await sessions.signOut(cookie);
    await sessions.signOut(cookie);
    await sessions.signOut(undefined);
    expect(await sessions.currentPerson(cookie)).toBeUndefined();
    expect(store.audit.slice(1)).toEqual([{ type: 'session.ended', at: clock.now(), accountId }]);
  });
});
