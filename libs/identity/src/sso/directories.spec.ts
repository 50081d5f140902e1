import { OAuthError } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { AccountRegistration } from '../accounts/account-registration.js';
import { KnownBrowsers } from '../sign-in/known-browsers.js';
import { SignIn } from '../sign-in/sign-in.js';
import { DEFAULT_SIGN_IN_POLICY, type LocalSignIn } from '../sign-in/sign-in-policy.js';
import {
  MemoryAccountStore,
  MemoryAttemptCounter,
  MemoryAuditLog,
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySessionStore,
  StoppedClock,
  TransparentPasswordHasher,
} from '../testing/index.js';
import { Connectors, type ExternalPerson, PasswordConnector } from './connector.js';
import { Directories } from './directories.js';
import { ExternalSignIn } from './external-sign-in.js';
import type { ConfiguredProvider, ProviderId } from './identity-provider.js';
import { Providers } from './providers.js';
import { SsoProblem } from './sso-problem.js';

/** Knows everybody whose password is their name backwards, and remembers what it was shown. */
class BackwardsDirectory extends PasswordConnector {
  override readonly kind = 'ldap';
  readonly asked: string[] = [];
  down = false;

  override problems(): readonly string[] {
    return [];
  }
  override probe(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  override async check(
    { id }: ConfiguredProvider,
    username: string,
    password: string,
  ): Promise<ExternalPerson | undefined> {
    this.asked.push(`${id} ${username} ${password}`);
    await Promise.resolve();
    if (this.down) throw new SsoProblem('provider_unavailable');
    if (password !== Array.from(username).reverse().join('')) return undefined;
    const person = { issuer: `urn:test:${id}`, subject: username, emailVerified: false, groups: ['staff'] };
    return { ...person, username, authenticatedAt: clock.now(), amr: ['pwd'], strong: false };
  }
}

const clock = new StoppedClock();

class House {
  readonly accounts = new MemoryAccountStore();
  readonly sessions = new MemorySessionStore(this.accounts);
  readonly audit = new MemoryAuditLog();
  readonly hasher = new TransparentPasswordHasher();
  readonly directory = new BackwardsDirectory();
  readonly store = new MemoryIdentityProviderStore();
  readonly signIn: SignIn;

  constructor(localSignIn: LocalSignIn = 'on') {
    const { accounts, sessions, audit, hasher } = this;
    const browsers = new KnownBrowsers([randomBytes(32)]);
    const connectors = new Connectors([this.directory]);
    const vault = { seal: () => '', open: () => new Uint8Array() };
    const identities = new MemoryExternalIdentityStore(accounts, sessions, this.store);
    const signIn = new ExternalSignIn({ identities, audit, browsers, clock });
    const providers = new Providers({ store: this.store, vault, clock });
    this.signIn = new SignIn({
      ...{ accounts, sessions, audit, hasher, browsers, clock },
      attempts: new MemoryAttemptCounter(),
      policy: { ...DEFAULT_SIGN_IN_POLICY, localSignIn },
      directories: new Directories({ providers, connectors, signIn }),
    });
  }

  async has(id: string, domains: readonly string[], justInTime = true): Promise<this> {
    const provider = { id: id as ProviderId, kind: 'ldap', name: id, settings: {}, domains, justInTime } as const;
    await this.store.create({ ...provider, createdAt: clock.now() }, { type: 'provider.published', at: clock.now() });
    return this;
  }

  async try(username: string, password: string, network = '192.0.2.1'): Promise<string> {
    try {
      const { person } = await this.signIn.signIn({ username, password, network });
      return person.displayName;
    } catch (error) {
      if (error instanceof OAuthError) return error.reason;
      throw error;
    }
  }
}

describe('Directories', () => {
  let house: House;
  beforeEach(async () => {
    house = await new House().has('ad', ['corp.example']);
    const { accounts, hasher } = house;
    const registration = new AccountRegistration({ accounts, hasher, clock });
    await registration.register({ username: 'local', displayName: 'Local', password: 'correct horse battery' });
  });

  it('signs in whom the directory knows, and only those', async () => {
    expect(await house.try('zoe', 'eoz')).toBe('zoe@ad');
    expect(await house.try('ZOE', 'zoe')).toBe('wrong_password');
  });

  it('shows a password to the directory of its domain, and to no other', async () => {
    await house.has('other', ['other.example']);
    clock.advance(10);
    expect(await house.try('ben@other.example', 'x')).toBe('wrong_password');
    expect(await house.try('ben@nobody.example', 'x')).toBe('unknown_account');
    expect(await house.try('ben', 'x')).toBe('unknown_account');
    expect(house.directory.asked).toEqual(['other ben@other.example x']);
  });

  it('shows no directory the password of an account that has one here', async () => {
    expect(await house.try('local', 'lacol')).toBe('wrong_password');
    expect(await house.try('local', 'correct horse battery')).toBe('Local');
    expect(house.directory.asked).toEqual([]);
  });

  it('counts guesses at a directory like all others, before it is asked, and a name once however it is written', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, n) => house.try(n % 2 ? 'Zoe' : ' zoe ', `guess ${String(n)}`)),
    );
    expect(guesses.filter((outcome) => outcome === 'wrong_password')).toHaveLength(10);
    expect(house.directory.asked).toHaveLength(10);
    expect(await house.try('zoe', 'eoz')).toBe('too_many_attempts');
    expect(await house.try('zo\u200be', 'eoz')).toBe('unknown_account');
    expect(house.directory.asked).toHaveLength(10);
    expect(await house.try('zoe', 'eoz', '198.51.100.1')).toBe('zoe@ad');
  });

  it('lets a person in with a browser of theirs while strangers guess at their name', async () => {
    const { knownBrowser } = await house.signIn.signIn({ username: 'zoe', password: 'eoz', network: '192.0.2.1' });
    for (let network = 0; network < 12; network += 1)
      for (let n = 0; n < 10; n += 1) await house.try('zoe', 'guess', `203.0.113.${String(network)}`);
    expect(await house.try('zoe', 'eoz', '198.51.100.1')).toBe('too_many_attempts');
    const again = { username: 'zoe', password: 'eoz', network: '198.51.100.1', knownBrowser };
    expect((await house.signIn.signIn(again)).person.displayName).toBe('zoe@ad');
  });

  it('asks nobody without a password', async () => {
    expect(await house.try('anna', '')).toBe('wrong_password');
    expect(house.directory.asked).toEqual([]);
  });

  it('says that the directory is down, and lets those in who do not need it', async () => {
    house.directory.down = true;
    expect(await house.try('anna', 'x')).toBe('provider_unavailable');
    expect(await house.try('local', 'correct horse battery')).toBe('Local');
  });

  it('makes no account where the provider may not, and asks a disabled one nothing', async () => {
    const strict = await new House().has('ad', ['corp.example'], false);
    expect(await strict.try('otto', 'otto')).toBe('account_not_linked');
    await strict.store.change('ad' as ProviderId, (provider) => ({
      provider: { ...provider, disabledAt: clock.now() },
      audit: { type: 'provider.disabled', at: clock.now() },
    }));
    clock.advance(10);
    expect(await strict.try('otto', 'otto')).toBe('unknown_account');
    expect(strict.directory.asked).toHaveLength(1);
  });

  it('works where passwords of this server do not, and those still do not', async () => {
    const closed = await new House('off').has('ad', ['corp.example']);
    expect(await closed.try('otto', 'otto')).toBe('otto@ad');
    expect(await closed.try('someone@else.example', 'x')).toBe('local_sign_in_off');
    expect(await new House('off').try('otto', 'otto')).toBe('local_sign_in_off');
  });
});
