/** The providers as they stand now: read anew every few seconds, so that one that is added or disabled counts everywhere. */
import { type Clock, OAuthError } from '@gatehouse/protocol';
import type {
  ConfiguredProvider,
  IdentityProvider,
  ProviderId,
  ProviderSecrets,
  StoredProvider,
} from './identity-provider.js';
import type { IdentityProviderStore } from './identity-provider.store.js';
import type { Vault } from './vault.js';

/** Seconds. */
const FRESH = 5;

export interface ProvidersParts {
  readonly store: IdentityProviderStore;
  readonly vault: Vault;
  readonly clock: Clock;
}

export class Providers {
  readonly #parts: ProvidersParts;
  #known: { readonly list: Promise<readonly StoredProvider[]>; readonly until: number } | undefined;

  constructor(parts: ProvidersParts) {
    this.#parts = parts;
  }

  /** Those by which people can sign in. */
  async enabled(): Promise<readonly IdentityProvider[]> {
    return (await this.#list()).filter(({ disabledAt }) => disabledAt === undefined);
  }

  /** By the domain of an address: exactly that domain, for what is below one may be somebody else's. */
  async forEmail(email: string): Promise<IdentityProvider | undefined> {
    const domain = domainOf(email);
    return (await this.enabled()).find(({ domains }) => domain !== undefined && domains.includes(domain));
  }

  /** @throws OAuthError invalid_request (unknown_provider, disabled_provider) */
  async configured(id: string): Promise<ConfiguredProvider> {
    const provider = (await this.#list()).find((each) => each.id === id);
    if (!provider) throw new OAuthError('invalid_request', 'unknown_provider');
    if (provider.disabledAt) throw new OAuthError('invalid_request', 'disabled_provider');
    return openProvider(this.#parts.vault, provider);
  }

  #list(): Promise<readonly StoredProvider[]> {
    const now = this.#parts.clock.now().getTime();
    if (this.#known && now < this.#known.until) return this.#known.list;
    const list = this.#parts.store.list();
    const known = { list, until: now + FRESH * 1000 };
    this.#known = known;
    // A lost store is asked again at the next request.
    list.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return list;
  }
}

/** In lower case. Undefined for what is no address. */
export function domainOf(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const domain = email
    .slice(at + 1)
    .trim()
    .toLowerCase();
  return at > 0 && domain !== '' ? domain : undefined;
}

export function openProvider(vault: Vault, { sealedSecrets, ...provider }: StoredProvider): ConfiguredProvider {
  return { ...provider, secrets: sealedSecrets === undefined ? {} : openSecrets(vault, provider.id, sealedSecrets) };
}

/** Bound to the provider's id: sealed secrets that are copied to another one do not open. */
export function sealSecrets(vault: Vault, id: ProviderId, secrets: ProviderSecrets): string {
  return vault.seal(Buffer.from(JSON.stringify(secrets)), contextOf(id));
}

function openSecrets(vault: Vault, id: ProviderId, sealed: string): ProviderSecrets {
  return JSON.parse(Buffer.from(vault.open(sealed, contextOf(id))).toString('utf8')) as ProviderSecrets;
}

function contextOf(id: ProviderId): string {
  return `provider-secret:${id}`;
}
