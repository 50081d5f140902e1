/**
 * Names and passwords that a company's directory checks. Which one is asked follows from the name that was typed: the one whose
 * domain it has; or, for a name without a domain, the only one there is. A password that was typed for one directory is
 * shown to no other.
 */
import { OAuthError } from '@gatehouse/protocol';
import type { SignedIn } from '../sign-in/sign-in.js';
import { type Connectors, PasswordConnector } from './connector.js';
import type { ExternalSignIn } from './external-sign-in.js';
import type { IdentityProvider } from './identity-provider.js';
import { type Providers, domainOf } from './providers.js';
import { SsoProblem } from './sso-problem.js';

export interface DirectoriesParts {
  readonly providers: Providers;
  readonly connectors: Connectors;
  readonly signIn: ExternalSignIn;
}

export class Directories {
  constructor(private readonly by: DirectoriesParts) {}

  async exist(): Promise<boolean> {
    return (await this.#all()).length > 0;
  }

  /** @param username as normalised */
  async responsibleFor(username: string): Promise<IdentityProvider | undefined> {
    const all = await this.#all();
    const domain = domainOf(username);
    if (domain !== undefined) return all.find(({ domains }) => domains.includes(domain));
    return all.length === 1 ? all[0] : undefined;
  }

  /**
   * @returns undefined when the directory does not know the name with this password
   * @throws OAuthError access_denied when it does, and there is no account for them; SsoProblem
   */
  async signIn(
    { id }: IdentityProvider,
    username: string,
    password: string,
    browser: { readonly previousSession?: string | undefined },
  ): Promise<SignedIn | undefined> {
    const provider = await this.by.providers.configured(id);
    const connector = this.by.connectors.of(provider.kind);
    if (!(connector instanceof PasswordConnector)) throw new SsoProblem('provider_misconfigured');
    // Whatever a connector does with one: without a password nobody has proved anything.
    if (password === '') throw new OAuthError('access_denied', 'wrong_password');
    const person = await connector.check(provider, username, password);
    return person && this.by.signIn.signIn(provider, person, browser);
  }

  async #all(): Promise<readonly IdentityProvider[]> {
    const enabled = await this.by.providers.enabled();
    return enabled.filter(({ kind }) => this.by.connectors.of(kind) instanceof PasswordConnector);
  }
}
