import { beforeEach, describe, expect, it } from '@jest/globals';
import { OAuthError } from '@gatehouse/protocol';
import { KnownBrowsers } from '../sign-in/known-browsers.js';
import {
  MemoryAccountStore,
  MemoryAuditLog,
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySessionStore,
  MemorySsoLoginStore,
  StoppedClock,
  TransparentVault,
} from '../testing/index.js';
import {
  type ArriveInput,
  Connectors,
  type Departure,
  type DepartInput,
  type ExternalPerson,
  RedirectConnector,
} from './connector.js';
import { ExternalSignIn } from './external-sign-in.js';
import type { ConfiguredProvider, ProviderId, ProviderKind } from './identity-provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { Providers } from './providers.js';
import { SsoJourney } from './sso-journey.js';
import { SsoProblem } from './sso-problem.js';

class TrustingConnector extends RedirectConnector {
  readonly arrivals: ArriveInput[] = [];

  constructor(override readonly kind: ProviderKind) {
    super();
  }

  override problems(): readonly string[] {
    return [];
  }

  override async probe(): Promise<readonly string[]> {
    return [];
  }

  override async depart(_: ConfiguredProvider, { state }: DepartInput): Promise<Departure> {
    return { location: `https://idp.example/?state=${state}`, memory: { nonce: 'n-1' } };
  }

  override async arrive(provider: ConfiguredProvider, input: ArriveInput): Promise<ExternalPerson> {
    this.arrivals.push(input);
    if (input.url.includes('bad') || (input.form?.get('bad') !== null && input.form !== undefined))
      throw new SsoProblem('invalid_provider_answer');
    return {
      issuer: `https://${provider.id}.example`,
      subject: 'anna',
      emailVerified: false,
      groups: [],
      authenticatedAt: new Date('2026-01-01T11:00:00Z'),
      amr: [],
      strong: false,
    };
  }
}

describe('SsoJourney', () => {
  let clock: StoppedClock;
  let oidc: TrustingConnector;
  let journey: SsoJourney;
  let registry: ProviderRegistry;
  const vault = new TransparentVault();
  const begun = { interactionId: 'ghi_1', browser: 'ghb_mine' };

  beforeEach(async () => {
    clock = new StoppedClock();
    const accounts = new MemoryAccountStore();
    const store = new MemoryIdentityProviderStore();
    const identities = new MemoryExternalIdentityStore(accounts, new MemorySessionStore(accounts), store);
    const browsers = new KnownBrowsers([new Uint8Array(32)]);
    oidc = new TrustingConnector('oidc');
    const connectors = new Connectors([oidc, new TrustingConnector('saml')]);
    registry = new ProviderRegistry({ store, connectors, vault, clock });
    for (const [id, kind] of [
      ['okta', 'oidc'],
      ['entra', 'oidc'],
      ['adfs', 'saml'],
    ] as const)
      await registry.apply({
        ...{ id, kind, name: id, domains: [], just_in_time: true, settings: {}, disabled: false },
        secrets: { client_secret: 'hunter2' },
      });
    journey = new SsoJourney({
      issuer: 'https://house.example',
      providers: new Providers({ store, vault, clock }),
      connectors,
      logins: new MemorySsoLoginStore(),
      signIn: new ExternalSignIn({ identities, audit: new MemoryAuditLog(), browsers, clock }),
      vault,
      clock,
    });
  });

  async function depart(provider = 'okta'): Promise<string> {
    const { location } = await journey.depart({ ...begun, provider });
    return new URL(location).searchParams.get('state') ?? '';
  }
  const url = (state: string, more = ''): string => `https://house.example/sso/okta/callback?state=${state}${more}`;
  const arrive = (state: string, more: { provider?: string; browser?: string; url?: string } = {}) =>
    journey.arrive({ provider: 'okta', browser: 'ghb_mine', url: url(state), ...more });
  const reasonOf = async (work: Promise<unknown>): Promise<unknown> => {
    const error = await work.catch((thrown: unknown) => thrown);
    return error instanceof OAuthError ? error.reason : error;
  };

  it('brings a person back to the interaction they left, with what the connector remembered', async () => {
    const state = await depart();
    const { interactionId, signedIn } = await arrive(state);
    expect([interactionId, signedIn.person.authenticatedAt]).toEqual(['ghi_1', new Date('2026-01-01T11:00:00Z')]);
    expect(oidc.arrivals).toEqual([
      expect.objectContaining({ memory: { nonce: 'n-1' }, state, callback: 'https://house.example/sso/okta/callback' }),
    ]);
  });

  it('refuses a login that was begun in another browser, and leaves it to the one it is of', async () => {
    const state = await depart();
    expect(await reasonOf(arrive(state, { browser: 'ghb_victim' }))).toBe('unknown_sso_login');
    expect(await reasonOf(arrive(state, { browser: '' }))).toBe('unknown_sso_login');
    expect(oidc.arrivals).toEqual([]);
    expect((await arrive(state)).interactionId).toBe('ghi_1');
  });

  it('refuses it at the callback of another provider, a second time, too late, and with two states', async () => {
    const state = await depart();
    expect(await reasonOf(arrive(state, { provider: 'entra' }))).toBe('unknown_sso_login');
    expect(await reasonOf(arrive(state, { url: url(state, '&state=x') }))).toBe('unknown_sso_login');
    await arrive(state);
    expect(await reasonOf(arrive(state))).toBe('unknown_sso_login');
    const late = await depart();
    clock.advance(600);
    expect(await reasonOf(arrive(late))).toBe('unknown_sso_login');
  });

  it('uses a login up with an answer that does not hold: nobody may try answer after answer', async () => {
    const state = await depart();
    expect(await reasonOf(arrive(state, { url: url(state, '&bad=1') }))).toBe('invalid_provider_answer');
    expect(await reasonOf(arrive(state))).toBe('unknown_sso_login');
  });

  it('gives what was posted from another site to the browser that began alone, and once', async () => {
    const state = await depart('adfs');
    const form = new URLSearchParams({ RelayState: state, SAMLResponse: 'x' });
    const posted = { provider: 'adfs', url: 'https://house.example/sso/adfs/acs' };
    const bad = new URLSearchParams({ RelayState: state, bad: '1' });
    expect(await reasonOf(journey.receive({ ...posted, form: bad }))).toBe('invalid_provider_answer');
    const { ticket } = await journey.receive({ ...posted, form });
    expect(await reasonOf(journey.receive({ ...posted, form }))).toBe('unknown_sso_login');
    expect(await reasonOf(journey.continue({ ticket, browser: 'ghb_victim' }))).toBe('unknown_sso_login');
    const { interactionId, signedIn } = await journey.continue({ ticket, browser: 'ghb_mine' });
    expect([interactionId, signedIn.person.authenticatedAt]).toEqual(['ghi_1', new Date('2026-01-01T11:00:00Z')]);
    expect(await reasonOf(journey.continue({ ticket, browser: 'ghb_mine' }))).toBe('unknown_sso_login');
  });

  it('knows no provider that is unknown, and none that is disabled, within seconds', async () => {
    expect(await reasonOf(depart('nobody'))).toBe('unknown_provider');
    const state = await depart();
    await registry.setDisabled('okta', true);
    clock.advance(5);
    expect(await reasonOf(depart())).toBe('disabled_provider');
    expect(await reasonOf(arrive(state))).toBe('disabled_provider');
    await registry.setDisabled('okta', false);
    clock.advance(5);
    expect((await arrive(await depart())).interactionId).toBe('ghi_1');
  });

  it('tells of secrets to connectors only', async () => {
    expect(JSON.stringify(await registry.list())).not.toMatch(/hunter2|sealed/i);
    expect((await registry.list()).map(({ id }) => id)).toEqual(['adfs', 'entra', 'okta'] as ProviderId[]);
  });
});
