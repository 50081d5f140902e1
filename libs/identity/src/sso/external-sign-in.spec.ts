import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountId, after, OAuthError, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import { KnownBrowsers } from '../sign-in/known-browsers.js';
import {
  MemoryAccountStore,
  MemoryAuditLog,
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySessionStore,
  StoppedClock,
} from '../testing/index.js';
import type { ExternalPerson } from './connector.js';
import { ExternalSignIn } from './external-sign-in.js';
import type { IdentityProvider, ProviderId } from './identity-provider.js';

describe('ExternalSignIn', () => {
  let clock: StoppedClock;
  let accounts: MemoryAccountStore;
  let sessions: MemorySessionStore;
  let providers: MemoryIdentityProviderStore;
  let identities: MemoryExternalIdentityStore;
  let audit: MemoryAuditLog;
  let signIn: ExternalSignIn;
  let okta: IdentityProvider;

  beforeEach(async () => {
    clock = new StoppedClock();
    accounts = new MemoryAccountStore();
    sessions = new MemorySessionStore(accounts);
    providers = new MemoryIdentityProviderStore();
    identities = new MemoryExternalIdentityStore(accounts, sessions, providers);
    audit = new MemoryAuditLog();
    const browsers = new KnownBrowsers([new Uint8Array(32)]);
    signIn = new ExternalSignIn({ identities, audit, browsers, clock });
    okta = await givenProvider('okta');
  });

  async function givenProvider(id: string, more: Partial<IdentityProvider> = {}): Promise<IdentityProvider> {
    const provider: IdentityProvider = {
      id: id as ProviderId,
      kind: 'oidc',
      name: id,
      domains: ['corp.example'],
      justInTime: true,
      settings: {},
      createdAt: clock.now(),
      ...more,
    };
    await providers.create(provider, { type: 'provider.published', at: clock.now() });
    return provider;
  }
  async function givenAccount(more: Partial<Account> = {}): Promise<Account> {
    const id = randomUUID() as AccountId;
    const account: Account = { id, username: 'anna', displayName: 'Anna', createdAt: clock.now(), ...more };
    await accounts.create(account, { type: 'account.created', at: clock.now(), accountId: id });
    return account;
  }
  function aPerson(more: Partial<ExternalPerson> = {}): ExternalPerson {
    return {
      issuer: 'https://idp.example',
      subject: 'sub-1',
      email: 'anna@corp.example',
      emailVerified: true,
      displayName: 'Anna of Corp',
      groups: ['finance'],
      authenticatedAt: clock.now(),
      amr: ['pwd'],
      strong: false,
      ...more,
    };
  }
  const annas = { email: { address: 'anna@corp.example', verified: true } };
  const refusalOf = async (work: Promise<unknown>): Promise<unknown> => {
    const error = await work.catch((thrown: unknown) => thrown);
    return error instanceof OAuthError ? [error.code, error.reason] : error;
  };

  it('links the account with the address, in whatever case, and stays with it when the address changes', async () => {
    const anna = await givenAccount(annas);
    const { person } = await signIn.signIn(okta, aPerson({ email: 'Anna@CORP.example' }));
    expect(person).toMatchObject({ accountId: anna.id, displayName: 'Anna', acr: 'urn:gatehouse:acr:1fa' });
    const later = await signIn.signIn(okta, aPerson({ email: 'someone@else.example', emailVerified: false }));
    expect(later.person.accountId).toBe(anna.id);
  });

  it.each([
    ['that the provider did not verify', { emailVerified: false }],
    ['of a domain that is not the provider’s', { email: 'anna@corp.example.evil.example' }],
    ['below a domain of the provider', { email: 'anna@sub.corp.example' }],
    ['that hides a second one', { email: 'anna@corp.example@evil.example' }],
    ['that is none', { email: 'corp.example' }],
  ] as const)('does not link by an address %s', async (_, more) => {
    const address = 'email' in more ? more.email : annas.email.address;
    const anna = await givenAccount({ email: { address, verified: true } });
    const { person } = await signIn.signIn(okta, aPerson(more));
    expect(person.accountId).not.toBe(anna.id);
    expect((await accounts.find(person.accountId))?.email).toBeUndefined();
  });

  it('does not hand an account to a second subject of the provider with the same address', async () => {
    await givenAccount(annas);
    await signIn.signIn(okta, aPerson());
    const rival = signIn.signIn(okta, aPerson({ subject: 'sub-2' }));
    expect(await refusalOf(rival)).toEqual(['access_denied', 'account_not_linkable']);
    expect(audit.events).toMatchObject([
      { type: 'sign_in.failed', reason: 'account_not_linkable', detail: { provider: 'okta' } },
    ]);
  });

  it('lets nobody name themselves as somebody whom policies mean', async () => {
    const { person } = await signIn.signIn(okta, aPerson({ emailVerified: false, username: 'Admin' }));
    expect((await accounts.find(person.accountId))?.username).toBe('admin@okta');
    const evil = await signIn.signIn(
      okta,
      aPerson({ subject: 'sub-2', emailVerified: false, username: 'anna@corp.example' }),
    );
    expect((await accounts.find(evil.person.accountId))?.username).toBe('anna@okta');
    const nameless = await signIn.signIn(okta, aPerson({ subject: 'sub-3', emailVerified: false }));
    expect((await accounts.find(nameless.person.accountId))?.username).toMatch(/^[a-z0-9_-]{16}@okta$/);
  });

  it('makes no account where the provider may not', async () => {
    const strict = await givenProvider('strict', { justInTime: false });
    expect(await refusalOf(signIn.signIn(strict, aPerson()))).toEqual(['access_denied', 'account_not_linked']);
  });

  it('lets nobody in whose account is disabled, and nobody link to one', async () => {
    const anna = await givenAccount(annas);
    accounts.disable(anna.id, clock.now());
    expect(await refusalOf(signIn.signIn(okta, aPerson()))).toEqual(['access_denied', 'disabled_account']);
    expect(audit.events).toMatchObject([{ accountId: anna.id, reason: 'disabled_account' }]);
  });

  it('does not know a subject of one provider when another names it, though both say the same issuer', async () => {
    const other = await givenProvider('other');
    await signIn.signIn(okta, aPerson());
    expect(await refusalOf(signIn.signIn(other, aPerson()))).toEqual(['access_denied', 'identity_of_other_provider']);
  });

  it('puts the provider before the names of groups, and takes away those that it no longer names', async () => {
    const { person } = await signIn.signIn(okta, aPerson({ groups: ['finance', 'all', 'finance'] }));
    expect(await identities.groupsOf(person.accountId)).toEqual(['okta/all', 'okta/finance']);
    await signIn.signIn(okta, aPerson({ groups: [] }));
    expect(await identities.groupsOf(person.accountId)).toEqual([]);
  });

  it('starts a session that says how, by whom and since when, ends the one before, and never one from the future', async () => {
    const first = await signIn.signIn(okta, aPerson({ strong: true, amr: ['pwd', 'hwk'], upstreamSession: 'up-1' }));
    const found = await sessions.find(tokenHash(first.sessionId), clock.now());
    expect(found?.session).toMatchObject({
      acr: 'urn:gatehouse:acr:2fa',
      amr: ['pwd', 'hwk'],
      provider: 'okta',
      upstreamSession: 'up-1',
      authenticatedAt: clock.now(),
    });
    const authenticatedAt = after(clock.now(), 3600);
    const second = await signIn.signIn(okta, aPerson({ authenticatedAt }), { previousSession: first.sessionId });
    expect(second.person.authenticatedAt).toEqual(clock.now());
    expect(second.person.sid).toBe(first.person.sid);
    expect(await sessions.find(tokenHash(first.sessionId), clock.now())).toBeUndefined();
    const old = after(clock.now(), -3600);
    expect((await signIn.signIn(okta, aPerson({ authenticatedAt: old }))).person.authenticatedAt).toEqual(old);
  });

  it.each([
    ['no subject', { subject: '' }],
    ['no issuer', { issuer: '' }],
    ['a subject without end', { subject: 'x'.repeat(513) }],
    ['half a character', { subject: '\ud800' }],
    ['groups without end', { groups: Array.from({ length: 2001 }, (_, index) => String(index)) }],
    ['a group that steers a terminal', { groups: ['\u001b[2J'] }],
  ])('takes no person with %s', async (_, more) => {
    expect(await refusalOf(signIn.signIn(okta, aPerson(more)))).toEqual(['access_denied', 'invalid_provider_answer']);
  });
});
