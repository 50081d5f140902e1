import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountId, OAuthError, after, newSecret } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import { AccountRegistration } from '../accounts/account-registration.js';
import { Sessions } from '../sessions/sessions.js';
import {
  MemoryAccountStore,
  MemoryAttemptCounter,
  MemoryAuditLog,
  MemorySessionStore,
  StoppedClock,
  TransparentPasswordHasher,
} from '../testing/index.js';
import { KnownBrowsers } from './known-browsers.js';
import { SignIn, type SignInInput, type SignedIn } from './sign-in.js';
import { DEFAULT_SIGN_IN_POLICY, type SignInPolicy } from './sign-in-policy.js';

const password = 'correct horse battery';
const home = '192.0.2.1';
const elsewhere = '198.51.100.1';

class House {
  readonly clock = new StoppedClock();
  readonly accounts = new MemoryAccountStore();
  readonly store = new MemorySessionStore(this.accounts);
  readonly attempts = new MemoryAttemptCounter();
  readonly hasher = new TransparentPasswordHasher();
  readonly audit = new MemoryAuditLog();
  readonly browsers = new KnownBrowsers([randomBytes(32)]);
  readonly sessions = new Sessions({ sessions: this.store, clock: this.clock });
  readonly signIn: SignIn;

  constructor(policy: Partial<SignInPolicy> = {}) {
    const { clock, accounts, attempts, hasher, audit, browsers } = this;
    this.signIn = new SignIn({
      clock,
      accounts,
      sessions: this.store,
      attempts,
      hasher,
      audit,
      browsers,
      policy: { ...DEFAULT_SIGN_IN_POLICY, ...policy },
    });
  }

  async account(username: string): Promise<Account> {
    const { accounts, hasher, clock } = this;
    await new AccountRegistration({ accounts, hasher, clock }).register({ username, displayName: username, password });
    return (await accounts.findByUsername(username))!;
  }

  async try(input: Partial<SignInInput> = {}): Promise<SignedIn | OAuthError> {
    try {
      return await this.signIn.signIn({ username: 'anna', password, network: home, ...input });
    } catch (error) {
      if (error instanceof OAuthError) return error;
      throw error;
    }
  }

  async guess(times: number, input: Partial<SignInInput> = {}): Promise<readonly OAuthError[]> {
    const outcomes = await Promise.all(
      Array.from({ length: times }, async (_, n) => this.try({ password: `guess ${n}`, ...input })),
    );
    return outcomes.filter((outcome) => outcome instanceof OAuthError);
  }
}

describe('SignIn', () => {
  let house: House;
  let anna: Account;

  beforeEach(async () => {
    house = new House();
    anna = await house.account('anna');
  });

  it('signs a person in under any spelling of the name, with a session of twelve hours', async () => {
    const signedIn = await house.signIn.signIn({ username: ' ANNA ', password, network: home });
    const now = house.clock.now();
    expect(signedIn.person).toEqual({
      accountId: anna.id,
      authenticatedAt: now,
      sid: expect.any(String),
      acr: 'urn:gatehouse:acr:1fa',
      amr: ['pwd'],
      displayName: 'anna',
    });
    expect(signedIn.expiresAt).toEqual(after(now, 12 * 3600));
    expect(signedIn.sessionId).toMatch(/^ghw_[A-Za-z0-9_-]{43}$/);
    expect(await house.sessions.currentPerson(signedIn.sessionId)).toEqual(signedIn.person);
    expect(house.store.audit).toEqual([{ type: 'sign_in.succeeded', at: now, accountId: anna.id }]);
  });

  it('takes a password in whichever form a keyboard composes it', async () => {
    const { accounts, hasher, clock } = house;
    await new AccountRegistration({ accounts, hasher, clock }).register({
      username: 'zoe',
      displayName: 'Zoë',
      password: 'zoe\u0308 zoe\u0308 zoe\u0308 zoe\u0308',
    });
    expect(await house.try({ username: 'zoe', password: 'zoë zoë zoë zoë' })).toHaveProperty('sessionId');
  });

  describe('answers alike', () => {
    it('for an unknown name, a wrong password and a disabled account, with the same work', async () => {
      const ben = await house.account('ben');
      house.accounts.disable(ben.id, house.clock.now());
      house.hasher.verified.length = 0;
      const outcomes = [
        await house.try({ username: 'nobody' }),
        await house.try({ password: 'wrong password' }),
        await house.try({ username: 'ben' }),
        await house.try({ username: 'ben', password: 'wrong password' }),
        await house.try({ username: 'an\u200bna' }),
        await house.try({ password: '' }),
        await house.try({ password: 'x'.repeat(100_000) }),
        await house.try({ password: 'correct \ud800' }),
      ] as OAuthError[];
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ code: 'access_denied', status: 403, description: 'The request was denied.' });
      expect(outcomes.map(({ reason }) => reason)).toEqual([
        'unknown_account',
        'wrong_password',
        'disabled_account',
        'wrong_password',
        'unknown_account',
        'wrong_password',
        'wrong_password',
        'wrong_password',
      ]);
      expect(house.hasher.verified).toHaveLength(outcomes.length);
    });

    it('and records what it was for us, with the account when there is one and never the name', async () => {
      await house.try({ username: 'nobody' });
      await house.try({ password: 'wrong password' });
      const at = house.clock.now();
      expect(house.audit.events).toEqual([
        { type: 'sign_in.failed', at, reason: 'unknown_account' },
        { type: 'sign_in.failed', at, reason: 'wrong_password', accountId: anna.id },
      ]);
    });

    it('and never verifies a password of megabytes', async () => {
      await house.try({ password: 'x'.repeat(5_000_000) });
      expect(house.hasher.verified).toEqual([{ stored: undefined, password: '' }]);
    });

    it('for an account without a password, whatever is tried', async () => {
      const id = randomUUID() as AccountId;
      await house.accounts.create(
        { id, username: 'sso-only', displayName: 'S', createdAt: house.clock.now() },
        {
          type: 'account.created',
          at: house.clock.now(),
        },
      );
      for (const tried of ['', 'undefined', password])
        expect(await house.try({ username: 'sso-only', password: tried })).toMatchObject({ reason: 'wrong_password' });
    });
  });

  describe('against guessing', () => {
    it('verifies at most the limit of a hundred guesses at the same time', async () => {
      const outcomes = await house.guess(100);
      expect(house.hasher.verified).toHaveLength(10);
      expect(outcomes.filter(({ code }) => code === 'access_denied')).toHaveLength(10);
      expect(outcomes.filter(({ reason }) => reason === 'too_many_attempts')).toHaveLength(90);
    });

    it('refuses the right password too once the limit is reached, and says when to come back', async () => {
      await house.guess(10);
      house.clock.advance(300);
      expect(await house.try()).toMatchObject({
        code: 'too_many_requests',
        reason: 'too_many_attempts',
        status: 429,
        retryAfter: 600,
      });
      house.clock.advance(600);
      expect(await house.try()).toHaveProperty('sessionId');
    });

    it('lets the person in from another network while one is locked', async () => {
      await house.guess(500);
      expect(await house.try({ network: elsewhere })).toHaveProperty('sessionId');
    });

    it('does not let one network lock an account out, however long it goes on', async () => {
      for (let window = 0; window < 9; window++) {
        await house.guess(400);
        house.clock.advance(901);
      }
      expect(await house.try({ network: elsewhere })).toHaveProperty('sessionId');
    });

    it('bounds what many networks together may guess of one account', async () => {
      for (let network = 0; network < 50; network++) await house.guess(10, { network: `203.0.113.${network}` });
      expect(house.hasher.verified).toHaveLength(100);
      const locks = house.audit.events.filter(({ type }) => type === 'sign_in.locked');
      expect(locks).toEqual([expect.objectContaining({ accountId: anna.id, detail: { limit: 'account' } })]);
    });

    it('lets a person in with a browser of theirs while strangers keep the account locked', async () => {
      const { knownBrowser } = (await house.try({ network: elsewhere })) as SignedIn;
      for (let network = 0; network < 50; network++) await house.guess(10, { network: `203.0.113.${network}` });
      await house.guess(10, { network: elsewhere });
      expect(await house.try({ network: elsewhere })).toMatchObject({ reason: 'too_many_attempts' });
      expect(await house.try({ network: elsewhere, knownBrowser })).toHaveProperty('sessionId');
    });

    it('bounds what a browser that somebody left behind, or its stolen mark, may guess', async () => {
      const { knownBrowser } = (await house.try()) as SignedIn;
      house.hasher.verified.length = 0;
      for (let network = 0; network < 9; network++)
        await house.guess(10, { knownBrowser, network: `203.0.113.${network}` });
      expect(house.hasher.verified).toHaveLength(10);
      expect(await house.try()).toHaveProperty('sessionId');
    });

    it('gives nothing for a mark that was made up, or made for somebody else', async () => {
      await house.account('mallory');
      const { knownBrowser } = (await house.try({ username: 'mallory' })) as SignedIn;
      await house.guess(10);
      for (const mark of [knownBrowser, `ghk_${'A'.repeat(43)}`, ''])
        expect(await house.try({ knownBrowser: mark })).toMatchObject({ reason: 'too_many_attempts' });
    });

    it('bounds one network that tries one password on many names', async () => {
      for (let n = 0; n < 400; n++) await house.try({ username: `name-${n}`, password: 'Summer of 2026!' });
      expect(house.hasher.verified).toHaveLength(300);
      expect(await house.try({ network: elsewhere })).toHaveProperty('sessionId');
    });

    it('counts spellings of one name as one', async () => {
      for (const username of ['anna', 'ANNA', ' anna', 'ａｎｎａ']) await house.guess(10, { username });
      expect(house.hasher.verified).toHaveLength(10);
    });

    it('forgets the slips of a person who then knew the password, on that network only', async () => {
      await house.guess(9);
      await house.guess(9, { network: elsewhere });
      expect(await house.try()).toHaveProperty('sessionId');
      await house.guess(9);
      expect(await house.try()).toHaveProperty('sessionId');
      await house.guess(1, { network: elsewhere });
      expect(await house.try({ network: elsewhere })).toMatchObject({ reason: 'too_many_attempts' });
    });

    it('does not let an attacker reset the count of another account by signing in to an own one', async () => {
      await house.account('mallory');
      let verified = 0;
      for (let round = 0; round < 10; round++) {
        house.hasher.verified.length = 0;
        await house.guess(5);
        verified += house.hasher.verified.length;
        await house.try({ username: 'mallory' });
      }
      expect(verified).toBe(10);
    });

    it('records a lock once, not each refusal, and names no one', async () => {
      await house.guess(200);
      await house.guess(200, { username: 'nobody' });
      const locks = house.audit.events.filter(({ type }) => type === 'sign_in.locked');
      const at = house.clock.now();
      const lock = {
        type: 'sign_in.locked',
        at,
        reason: 'too_many_attempts',
        detail: { limit: 'account_and_network' },
      };
      expect(locks).toEqual([{ ...lock, accountId: anna.id }, { ...lock, detail: { limit: 'network' } }, lock]);
    });

    it('stores neither name nor address with its counts', async () => {
      await house.guess(20);
      expect(house.attempts.keys.length).toBeGreaterThan(3);
      for (const key of house.attempts.keys) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    });

    it('keeps name and network apart, so that no pair can be made to look like another', async () => {
      await house.guess(10, { username: 'a","b', network: 'c' });
      expect(await house.try({ username: 'a', network: 'b","c' })).toMatchObject({ reason: 'unknown_account' });
    });

    it('takes its limits from the policy', async () => {
      house = new House({ perAccountAndNetwork: { limit: 2, window: 5 } });
      await house.account('anna');
      const outcomes = await house.guess(3);
      expect(outcomes.at(-1)).toMatchObject({ reason: 'too_many_attempts', retryAfter: 5 });
    });
  });

  describe('session', () => {
    it('gets a new id at every sign-in and ends the one the browser came with', async () => {
      const first = await house.signIn.signIn({ username: 'anna', password, network: home });
      const second = await house.signIn.signIn({
        username: 'anna',
        password,
        network: home,
        previousSession: first.sessionId,
      });
      expect(second.sessionId).not.toBe(first.sessionId);
      expect(await house.sessions.currentPerson(first.sessionId)).toBeUndefined();
      expect(await house.sessions.currentPerson(second.sessionId)).toBeDefined();
    });

    it('never takes an id that somebody planted', async () => {
      const planted = newSecret('ghw_');
      const signedIn = await house.signIn.signIn({
        username: 'anna',
        password,
        network: home,
        previousSession: planted,
      });
      expect(signedIn.sessionId).not.toBe(planted);
      expect(await house.sessions.currentPerson(planted)).toBeUndefined();
    });

    it('outlives a sign-in that failed', async () => {
      const { sessionId } = await house.signIn.signIn({ username: 'anna', password, network: home });
      await house.try({ password: 'wrong password', previousSession: sessionId });
      expect(await house.sessions.currentPerson(sessionId)).toBeDefined();
    });
  });

  describe('renewing a hash', () => {
    it('happens with the password at hand when the cost was raised', async () => {
      house.hasher.version = 2;
      await house.try();
      expect((await house.accounts.find(anna.id))?.passwordHash).toBe(`v2:${password}`);
    });

    it('does not happen for a wrong password', async () => {
      house.hasher.version = 2;
      await house.try({ password: 'wrong password' });
      expect((await house.accounts.find(anna.id))?.passwordHash).toBe(`v1:${password}`);
    });

    it('does not undo a password that was changed meanwhile', async () => {
      house.hasher.version = 2;
      house.hasher.hash = async (text) => {
        await house.accounts.setPassword(anna.id, 'v2:changed by the person');
        return `v2:${text}`;
      };
      await house.try();
      expect((await house.accounts.find(anna.id))?.passwordHash).toBe('v2:changed by the person');
    });

    it('does not keep a person out when there is no room for it', async () => {
      house.hasher.version = 2;
      house.hasher.hash = async () => Promise.reject(new OAuthError('too_many_requests', 'rate_limited'));
      expect(await house.try()).toHaveProperty('sessionId');
    });
  });
});
