import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountId, type TokenHash, after, newSecret, tokenHash } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account.store.js';
import type { SessionStore } from '../sessions/session.store.js';
import type { Arrival, ExternalIdentityStore } from '../sso/external-identity.store.js';
import type { ProviderId, StoredProvider } from '../sso/identity-provider.js';
import type { IdentityProviderStore } from '../sso/identity-provider.store.js';
import type { SsoLogin, SsoLoginStore } from '../sso/sso-login.store.js';

export interface SsoStoresFixture {
  readonly providers: IdentityProviderStore;
  readonly logins: SsoLoginStore;
  readonly identities: ExternalIdentityStore;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  disable(id: AccountId, at: Date): Promise<void>;
}

/** What the stores of corporate sign-in guarantee. `open` may hand out the same ones every time. */
export function ssoStoresContract(open: () => Promise<SsoStoresFixture>): void {
  const now = new Date('2026-01-01T12:00:00.000Z');
  let house: SsoStoresFixture;
  beforeEach(async () => {
    house = await open();
  });

  function aProvider(more: Partial<StoredProvider> = {}): StoredProvider {
    return {
      id: `p-${randomUUID().slice(0, 8)}` as ProviderId,
      kind: 'oidc',
      name: 'Okta',
      domains: ['corp.example'],
      justInTime: true,
      settings: { issuer: 'https://idp.example' },
      createdAt: now,
      ...more,
    };
  }
  async function givenProvider(more: Partial<StoredProvider> = {}): Promise<StoredProvider> {
    const provider = aProvider(more);
    await house.providers.create(provider, { type: 'provider.published', at: now });
    return provider;
  }
  async function givenAccount(more: Partial<Account> = {}): Promise<Account> {
    const id = randomUUID() as AccountId;
    const account: Account = { id, username: `person-${id}`, displayName: 'Anna', createdAt: now, ...more };
    await house.accounts.create(account, { type: 'account.created', at: now, accountId: id });
    return account;
  }

  describe('IdentityProviderStore contract', () => {
    it('keeps a provider as it was declared, lists it, and creates none twice', async () => {
      const provider = await givenProvider({ sealedSecrets: 'sealed' });
      expect(await house.providers.list()).toContainEqual(provider);
      const again = { ...provider, name: 'Other' };
      expect(await house.providers.create(again, { type: 'provider.published', at: now })).toBe(false);
      expect(await house.providers.list()).toContainEqual(provider);
    });

    it('changes a provider as one saw it under its lock, and loses no change of many at once', async () => {
      const provider = await givenProvider({ name: '' });
      await Promise.all(
        Array.from({ length: 20 }, () =>
          house.providers.change(provider.id, (current) => ({
            provider: { ...current, name: `${current.name}x` },
            audit: { type: 'provider.published', at: now },
          })),
        ),
      );
      const found = (await house.providers.list()).find(({ id }) => id === provider.id);
      expect(found).toEqual({ ...provider, name: 'x'.repeat(20) });
      expect(await house.providers.change(provider.id, () => undefined)).toEqual(found);
      expect(await house.providers.change('nobody' as ProviderId, () => undefined)).toBeUndefined();
    });

    it('removes a provider once', async () => {
      const { id } = await givenProvider();
      expect(await house.providers.remove(id, { type: 'provider.removed', at: now })).toBe(true);
      expect(await house.providers.remove(id, { type: 'provider.removed', at: now })).toBe(false);
      expect((await house.providers.list()).map((each) => each.id)).not.toContain(id);
    });
  });

  describe('SsoLoginStore contract', () => {
    async function begun(more: Partial<SsoLogin> = {}): Promise<SsoLogin> {
      const login: SsoLogin = {
        state: tokenHash(newSecret('ghv_')),
        browser: tokenHash(newSecret('ghb_')),
        providerId: 'okta' as ProviderId,
        sealed: 'sealed',
        expiresAt: after(now, 600),
        ...more,
      };
      await house.logins.begin(login);
      return login;
    }
    const take = ({ state, browser, providerId }: SsoLogin, at = now) =>
      house.logins.take(state, browser, providerId, at);

    it('gives a login to one of fifty who come with it at the same time', async () => {
      const login = await begun();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => take(login)));
      expect(outcomes.filter(Boolean)).toEqual([login]);
    });

    it('gives nothing to another browser, at another provider, or too late, and leaves it to whose it is', async () => {
      const login = await begun();
      expect(await take({ ...login, browser: tokenHash('other') })).toBeUndefined();
      expect(await take({ ...login, providerId: 'entra' as ProviderId })).toBeUndefined();
      expect(await take(login, login.expiresAt)).toBeUndefined();
      expect(await take(login)).toEqual(login);
    });

    it('keeps what came without the browser until that very browser brings its ticket, once', async () => {
      const login = await begun();
      const ticket = tokenHash(newSecret('ghz_'));
      expect(await house.logins.peek(login.state, login.providerId, now)).toEqual(login);
      const arrivals = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          house.logins.arrived(
            login.state,
            login.providerId,
            index === 0 ? ticket : tokenHash(newSecret('ghz_')),
            'outcome',
            now,
          ),
        ),
      );
      expect(arrivals.filter(Boolean)).toHaveLength(1);
      expect(await house.logins.peek(login.state, login.providerId, now)).toBeUndefined();
      expect(await take(login)).toBeUndefined();
      if (!arrivals[0]) return;
      expect(await house.logins.redeem(ticket, tokenHash('other'), now)).toBeUndefined();
      expect(await house.logins.redeem(ticket, login.browser, login.expiresAt)).toBeUndefined();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => house.logins.redeem(ticket, login.browser, now)),
      );
      expect(outcomes.filter(Boolean)).toEqual([{ ...login, outcome: 'outcome' }]);
    });
  });

  describe('ExternalIdentityStore contract', () => {
    function anArrival(provider: StoredProvider, more: Partial<Arrival> = {}): Arrival {
      const id = randomUUID();
      return {
        providerId: provider.id,
        issuer: 'https://idp.example',
        subject: id,
        newAccount: {
          id: randomUUID() as AccountId,
          username: `${id}@corp.example`,
          displayName: 'Zoë',
          createdAt: now,
        },
        groups: [`${provider.id}/all`],
        session: {
          id: tokenHash(newSecret('ghw_')),
          sid: randomUUID(),
          authenticatedAt: now,
          acr: 'urn:gatehouse:acr:1fa',
          amr: ['pwd'],
          expiresAt: after(now, 3600),
          provider: provider.id,
          upstreamSession: 'upstream',
        },
        at: now,
        ...more,
      };
    }
    /** Comes again: another session, and an account that would be made if there were none. */
    function again(arrival: Arrival, more: Partial<Arrival> = {}): Arrival {
      const session = { ...arrival.session, id: tokenHash(newSecret('ghw_')), sid: randomUUID() };
      const newAccount = arrival.newAccount && { ...arrival.newAccount, id: randomUUID() as AccountId };
      return { ...arrival, session, ...(newAccount ? { newAccount } : {}), ...more };
    }
    async function signedIn(arrival: Arrival) {
      const outcome = await house.identities.arrive(arrival);
      if (outcome.outcome !== 'signed_in') throw new Error(outcome.reason);
      return outcome;
    }
    const sessionOf = async (id: TokenHash) => (await house.sessions.find(id, now))?.session;

    it('makes an account, knows it the next time, and starts a session each time', async () => {
      const provider = await givenProvider();
      const arrival = anArrival(provider);
      const first = await signedIn(arrival);
      expect(first).toMatchObject({ how: 'created', account: arrival.newAccount, sid: arrival.session.sid });
      expect(await sessionOf(arrival.session.id)).toEqual({ ...arrival.session, accountId: first.account.id });
      const { newAccount: _, ...next } = again(arrival, { displayName: 'Zoë Li', groups: [] });
      expect(await signedIn(next)).toMatchObject({ how: 'known', account: { id: first.account.id } });
      expect((await house.accounts.find(first.account.id))?.displayName).toBe('Zoë Li');
      expect(await sessionOf(next.session.id)).toBeDefined();
    });

    it('makes one account for a person who comes twenty times at once', async () => {
      const arrival = anArrival(await givenProvider());
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => signedIn(again(arrival))));
      expect(new Set(outcomes.map(({ account }) => account.id)).size).toBe(1);
      expect(outcomes.filter(({ how }) => how === 'created')).toHaveLength(1);
    });

    it('replaces the groups of this provider and of no other', async () => {
      const [one, two] = [await givenProvider(), await givenProvider()];
      const vouchedEmail = `${randomUUID()}@corp.example`;
      const account = await givenAccount({ email: { address: vouchedEmail.toUpperCase(), verified: true } });
      const here = anArrival(one, { vouchedEmail, groups: [`${one.id}/a`, `${one.id}/b`] });
      const there = anArrival(two, { vouchedEmail, groups: [`${two.id}/z`] });
      expect(await signedIn(here)).toMatchObject({ how: 'linked', account: { id: account.id } });
      expect(await signedIn(there)).toMatchObject({ how: 'linked', account: { id: account.id } });
      await signedIn(again(here, { groups: [`${one.id}/b`, `${one.id}/c`] }));
      expect([...(await house.identities.groupsOf(account.id))].sort()).toEqual(
        [`${one.id}/b`, `${one.id}/c`, `${two.id}/z`].sort(),
      );
      expect((await house.accounts.find(account.id))?.displayName).toBe('Anna');
    });

    it('links no second subject of a provider to an account, however many try at once', async () => {
      const provider = await givenProvider();
      const vouchedEmail = `${randomUUID()}@corp.example`;
      await givenAccount({ email: { address: vouchedEmail, verified: true } });
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => house.identities.arrive(anArrival(provider, { vouchedEmail }))),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'signed_in')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.outcome === 'refused') expect(outcome.reason).toBe('account_not_linkable');
    });

    it('does not link by an address that was not verified here, that two accounts have, or to a break-glass account', async () => {
      const provider = await givenProvider();
      const unverified = `${randomUUID()}@corp.example`;
      await givenAccount({ email: { address: unverified, verified: false } });
      expect(await signedIn(anArrival(provider, { vouchedEmail: unverified }))).toMatchObject({ how: 'created' });

      const shared = `${randomUUID()}@corp.example`;
      for (let count = 0; count < 2; count += 1) await givenAccount({ email: { address: shared, verified: true } });
      const refusal = { outcome: 'refused', reason: 'account_not_linkable' };
      expect(await house.identities.arrive(anArrival(provider, { vouchedEmail: shared }))).toMatchObject(refusal);

      const glass = `${randomUUID()}@corp.example`;
      await givenAccount({ email: { address: glass, verified: true }, breakGlass: true });
      expect(await house.identities.arrive(anArrival(provider, { vouchedEmail: glass }))).toMatchObject(refusal);
    });

    it('makes no account over a name that is taken, and none where none is to be made; nothing is changed', async () => {
      const provider = await givenProvider();
      const taken = await givenAccount();
      const arrival = anArrival(provider);
      const rival = { ...arrival, newAccount: { ...arrival.newAccount!, username: taken.username } };
      expect(await house.identities.arrive(rival)).toMatchObject({ reason: 'account_not_linkable' });
      const { newAccount: _, ...nobody } = arrival;
      expect(await house.identities.arrive(nobody)).toEqual({ outcome: 'refused', reason: 'account_not_linked' });
      expect(await sessionOf(arrival.session.id)).toBeUndefined();
      expect(await house.identities.groupsOf(taken.id)).toEqual([]);
    });

    it('lets nobody in whose account is disabled, known or only found by address', async () => {
      const provider = await givenProvider();
      const arrival = anArrival(provider);
      const { account } = await signedIn(arrival);
      await house.disable(account.id, now);
      const refusal = { outcome: 'refused', reason: 'disabled_account', accountId: account.id };
      const next = again(arrival);
      expect(await house.identities.arrive(next)).toEqual(refusal);
      expect(await sessionOf(next.session.id)).toBeUndefined();
      const vouchedEmail = `${randomUUID()}@corp.example`;
      const other = await givenAccount({ email: { address: vouchedEmail, verified: true } });
      await house.disable(other.id, now);
      expect(await house.identities.arrive(anArrival(provider, { vouchedEmail }))).toMatchObject({
        reason: 'disabled_account',
      });
    });

    it('lets nobody in by a provider that is disabled, unknown, or not the one that knows this subject', async () => {
      const [one, two] = [await givenProvider(), await givenProvider()];
      const arrival = anArrival(one);
      await signedIn(arrival);
      const elsewhere = again(arrival, { providerId: two.id });
      expect(await house.identities.arrive(elsewhere)).toMatchObject({ reason: 'identity_of_other_provider' });
      await house.providers.change(one.id, (current) => ({
        provider: { ...current, disabledAt: now },
        audit: { type: 'provider.disabled', at: now },
      }));
      expect(await house.identities.arrive(again(arrival))).toMatchObject({ reason: 'disabled_provider' });
      expect(await house.identities.arrive(anArrival(aProvider()))).toMatchObject({ reason: 'disabled_provider' });
    });
  });
}
