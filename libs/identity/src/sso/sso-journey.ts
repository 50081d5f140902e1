/**
 * A browser's way to an identity provider and back. The state that it carries is worth something once, at the callback of the
 * provider that it was sent to, in the browser that it was given to: else an attacker could finish in a victim's browser
 * what they began in their own (login CSRF), or have one provider's answer taken for another's (mix-up).
 */
import { type Clock, OAuthError, after, newSecret, tokenHash } from '@gatehouse/protocol';
import type { SignedIn } from '../sign-in/sign-in.js';
import { type Connectors, type ExternalPerson, RedirectConnector } from './connector.js';
import type { ExternalSignIn } from './external-sign-in.js';
import type { ConfiguredProvider } from './identity-provider.js';
import type { Providers } from './providers.js';
import type { SsoLogin, SsoLoginStore } from './sso-login.store.js';
import { SsoProblem } from './sso-problem.js';
import type { Vault } from './vault.js';

/** Seconds for a person to sign in at their provider. */
const LOGIN_LIFETIME = 600;

export interface SsoJourneyParts {
  readonly issuer: string;
  readonly providers: Providers;
  readonly connectors: Connectors;
  readonly logins: SsoLoginStore;
  readonly signIn: ExternalSignIn;
  readonly vault: Vault;
  readonly clock: Clock;
}

export interface SsoDeparture {
  readonly interactionId: string;
  readonly browser: string;
  readonly provider: string;
  readonly loginHint?: string;
  readonly maxAge?: number;
  readonly anew?: boolean;
}

/** Who came back, and for which interaction. */
export interface SsoArrival {
  readonly interactionId: string;
  readonly signedIn: SignedIn;
}

interface Remembered {
  readonly interactionId: string;
  readonly memory: Readonly<Record<string, string>>;
}

export class SsoJourney {
  constructor(private readonly by: SsoJourneyParts) {}

  /** @returns where to send the browser @throws OAuthError, SsoProblem */
  async depart(input: SsoDeparture): Promise<{ readonly location: string }> {
    const { provider: id, browser, interactionId, ...wanted } = input;
    const provider = await this.by.providers.configured(id);
    const connector = this.#redirecting(provider);
    const state = newSecret('ghv_');
    const { location, memory } = await connector.depart(provider, {
      ...wanted,
      callback: this.callback(provider),
      state,
    });
    const remembered: Remembered = { interactionId, memory };
    await this.by.logins.begin({
      state: tokenHash(state),
      browser: tokenHash(browser),
      providerId: provider.id,
      sealed: this.#seal(remembered, tokenHash(state)),
      expiresAt: after(this.by.clock.now(), LOGIN_LIFETIME),
    });
    return { location };
  }

  /** The browser is back with its cookies. @throws OAuthError (unknown_sso_login), SsoProblem */
  async arrive(input: {
    readonly provider: string;
    readonly url: string;
    readonly browser: string;
    readonly previousSession?: string | undefined;
  }): Promise<SsoArrival> {
    const provider = await this.by.providers.configured(input.provider);
    const connector = this.#redirecting(provider);
    const state = onlyState(new URL(input.url).searchParams);
    const login = await this.by.logins.take(
      tokenHash(state),
      tokenHash(input.browser),
      provider.id,
      this.by.clock.now(),
    );
    if (!login) throw new OAuthError('invalid_request', 'unknown_sso_login');
    const { interactionId, memory } = this.#open(login.sealed, login.state) as Remembered;
    const person = await connector.arrive(provider, {
      callback: this.callback(provider),
      url: input.url,
      state,
      memory,
    });
    return { interactionId, signedIn: await this.by.signIn.signIn(provider, person, input) };
  }

  /**
   * An answer that a page of the provider posts here: it comes from another site, so without cookies, and nobody is signed in
   * by it. What it says waits for the browser that the login was begun in.
   * @returns the ticket for the browser to come back with
   */
  async receive(input: {
    readonly provider: string;
    readonly url: string;
    readonly form: URLSearchParams;
  }): Promise<{ readonly ticket: string }> {
    const provider = await this.by.providers.configured(input.provider);
    const connector = this.#redirecting(provider);
    const relayed = input.form.get('RelayState') ?? '';
    const login = await this.by.logins.peek(tokenHash(relayed), provider.id, this.by.clock.now());
    if (!login) throw new OAuthError('invalid_request', 'unknown_sso_login');
    const { memory } = this.#open(login.sealed, login.state) as Remembered;
    const person = await connector.arrive(provider, {
      ...input,
      callback: this.callback(provider),
      state: relayed,
      memory,
    });
    const ticket = newSecret('ghz_');
    const outcome = this.#seal(person, tokenHash(ticket));
    const kept = await this.by.logins.arrived(
      login.state,
      provider.id,
      tokenHash(ticket),
      outcome,
      this.by.clock.now(),
    );
    if (!kept) throw new OAuthError('invalid_request', 'unknown_sso_login');
    return { ticket };
  }

  /** The browser follows with its ticket, and its cookies. @throws OAuthError (unknown_sso_login) */
  async continue(input: {
    readonly ticket: string;
    readonly browser: string;
    readonly previousSession?: string | undefined;
  }): Promise<SsoArrival> {
    const ticket = tokenHash(input.ticket);
    const login = await this.by.logins.redeem(ticket, tokenHash(input.browser), this.by.clock.now());
    if (!login) throw new OAuthError('invalid_request', 'unknown_sso_login');
    const provider = await this.by.providers.configured(login.providerId);
    const { interactionId } = this.#open(login.sealed, login.state) as Remembered;
    const { authenticatedAt, ...person } = this.#open(login.outcome, ticket) as ExternalPerson;
    const signedIn = await this.by.signIn.signIn(
      provider,
      { ...person, authenticatedAt: new Date(authenticatedAt) },
      input,
    );
    return { interactionId, signedIn };
  }

  /** One for each provider: an answer that comes to another one's is not looked at. */
  callback({ id, kind }: Pick<ConfiguredProvider, 'id' | 'kind'>): string {
    return `${this.by.issuer}/sso/${id}/${kind === 'saml' ? 'acs' : 'callback'}`;
  }

  #redirecting({ kind }: ConfiguredProvider): RedirectConnector {
    const connector = this.by.connectors.of(kind);
    if (!(connector instanceof RedirectConnector)) throw new SsoProblem('provider_misconfigured');
    return connector;
  }

  #seal(value: object, name: SsoLogin['state']): string {
    return this.by.vault.seal(Buffer.from(JSON.stringify(value)), `sso-login:${name}`);
  }

  #open(sealed: string, name: SsoLogin['state']): unknown {
    return JSON.parse(Buffer.from(this.by.vault.open(sealed, `sso-login:${name}`)).toString('utf8')) as unknown;
  }
}

/** @throws OAuthError */
function onlyState(parameters: URLSearchParams): string {
  const [state, ...others] = parameters.getAll('state');
  if (state === undefined || others.length > 0) throw new OAuthError('invalid_request', 'unknown_sso_login');
  return state;
}
