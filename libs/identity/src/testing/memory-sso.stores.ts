import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, TokenHash } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import { type Arrival, type ArrivalOutcome, ExternalIdentityStore } from '../sso/external-identity.store.js';
import type { ProviderId, StoredProvider } from '../sso/identity-provider.js';
import { IdentityProviderStore, type ProviderChange } from '../sso/identity-provider.store.js';
import { type SsoLogin, SsoLoginStore } from '../sso/sso-login.store.js';
import { Vault } from '../sso/vault.js';
import type { MemoryAccountStore } from './memory-account.store.js';
import type { MemorySessionStore } from './memory-session.store.js';

export class MemoryIdentityProviderStore extends IdentityProviderStore {
  readonly audit: AuditEvent[] = [];
  readonly providers = new Map<ProviderId, StoredProvider>();

  override async list(): Promise<readonly StoredProvider[]> {
    return [...this.providers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  override async create(provider: StoredProvider, audit: AuditEvent): Promise<boolean> {
    if (this.providers.has(provider.id)) return false;
    this.providers.set(provider.id, provider);
    this.audit.push(audit);
    return true;
  }

  override async change(
    id: ProviderId,
    change: (current: StoredProvider) => ProviderChange | undefined,
  ): Promise<StoredProvider | undefined> {
    const current = this.providers.get(id);
    const changed = current && change(current);
    if (!changed) return current;
    this.providers.set(id, changed.provider);
    this.audit.push(changed.audit);
    return changed.provider;
  }

  override async remove(id: ProviderId, audit: AuditEvent): Promise<boolean> {
    if (!this.providers.delete(id)) return false;
    this.audit.push(audit);
    return true;
  }
}

type KeptLogin = SsoLogin & { readonly ticket?: TokenHash; readonly outcome?: string };

export class MemorySsoLoginStore extends SsoLoginStore {
  readonly #logins = new Map<TokenHash, KeptLogin>();

  override async begin(login: SsoLogin): Promise<void> {
    this.#logins.set(login.state, login);
  }

  override async take(
    state: TokenHash,
    browser: TokenHash,
    providerId: ProviderId,
    now: Date,
  ): Promise<SsoLogin | undefined> {
    const login = this.#waiting(state, providerId, now);
    if (login?.browser !== browser) return undefined;
    this.#logins.delete(state);
    return login;
  }

  override async peek(state: TokenHash, providerId: ProviderId, now: Date): Promise<SsoLogin | undefined> {
    return this.#waiting(state, providerId, now);
  }

  override async arrived(
    state: TokenHash,
    providerId: ProviderId,
    ticket: TokenHash,
    outcome: string,
    now: Date,
  ): Promise<boolean> {
    const login = this.#waiting(state, providerId, now);
    if (!login) return false;
    this.#logins.set(state, { ...login, ticket, outcome });
    return true;
  }

  override async redeem(
    ticket: TokenHash,
    browser: TokenHash,
    now: Date,
  ): Promise<(SsoLogin & { readonly outcome: string }) | undefined> {
    const login = [...this.#logins.values()].find((each) => each.ticket === ticket);
    if (login?.outcome === undefined || login.browser !== browser || login.expiresAt <= now) return undefined;
    this.#logins.delete(login.state);
    const { ticket: _, outcome, ...rest } = login;
    return { ...rest, outcome };
  }

  #waiting(state: TokenHash, providerId: ProviderId, now: Date): SsoLogin | undefined {
    const login = this.#logins.get(state);
    const waits = login?.providerId === providerId && login.expiresAt > now && login.ticket === undefined;
    return waits ? login : undefined;
  }
}

interface Link {
  readonly providerId: ProviderId;
  readonly accountId: AccountId;
  readonly madeAccount: boolean;
}

export class MemoryExternalIdentityStore extends ExternalIdentityStore {
  readonly audit: AuditEvent[] = [];
  readonly #links = new Map<string, Link>();
  readonly #groups = new Map<AccountId, Map<ProviderId, readonly string[]>>();
  /** Arrivals take turns, as the locks of a database have them. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly accounts: MemoryAccountStore,
    private readonly sessions: MemorySessionStore,
    private readonly providers: MemoryIdentityProviderStore,
  ) {
    super();
  }

  override arrive(arrival: Arrival): Promise<ArrivalOutcome> {
    const turn = this.#last.then(() => this.#arrive(arrival));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  override async groupsOf(accountId: AccountId): Promise<readonly string[]> {
    return [...(this.#groups.get(accountId)?.values() ?? [])].flat().sort();
  }

  async #arrive(arrival: Arrival): Promise<ArrivalOutcome> {
    const provider = this.providers.providers.get(arrival.providerId);
    if (!provider || provider.disabledAt) return { outcome: 'refused', reason: 'disabled_provider' };
    const found = await this.#find(arrival);
    if ('outcome' in found) return found;
    const { account, how } = found;
    const ofProviders = this.#groups.get(account.id) ?? new Map<ProviderId, readonly string[]>();
    this.#groups.set(account.id, ofProviders.set(arrival.providerId, arrival.groups));
    const link = this.#links.get(nameOf(arrival));
    if (how === 'known' && link?.madeAccount === true && arrival.displayName !== undefined)
      this.accounts.rename(account.id, arrival.displayName);
    const event: AuditEvent = {
      type: 'sign_in.succeeded',
      at: arrival.at,
      accountId: account.id,
      detail: { provider: arrival.providerId, how },
    };
    this.audit.push(event);
    const session = { ...arrival.session, accountId: account.id };
    const sid = await this.sessions.start(session, arrival.replaces, event);
    return { outcome: 'signed_in', how, account: (await this.accounts.find(account.id)) ?? account, sid };
  }

  async #find(arrival: Arrival) {
    const { providerId, vouchedEmail, newAccount } = arrival;
    const known = this.#links.get(nameOf(arrival));
    if (known) {
      const account = await this.accounts.find(known.accountId);
      if (!account || known.providerId !== providerId) return refused('identity_of_other_provider', account);
      if (account.disabledAt) return refused('disabled_account', account);
      return { account, how: 'known' as const };
    }
    const [candidate, other] = vouchedEmail === undefined ? [] : this.accounts.withVerifiedEmail(vouchedEmail);
    if (candidate) {
      if (other) return refused('account_not_linkable');
      if (candidate.disabledAt) return refused('disabled_account', candidate);
      const taken = [...this.#links.values()].some(
        (link) => link.accountId === candidate.id && link.providerId === providerId,
      );
      if (taken || candidate.breakGlass) return refused('account_not_linkable', candidate);
      this.#link(arrival, candidate, false);
      return { account: candidate, how: 'linked' as const };
    }
    if (!newAccount) return refused('account_not_linked');
    const created: AuditEvent = { type: 'account.created', at: arrival.at, accountId: newAccount.id };
    if (!(await this.accounts.create(newAccount, created))) return refused('account_not_linkable');
    this.audit.push(created);
    this.#link(arrival, newAccount, true);
    return { account: newAccount, how: 'created' as const };
  }

  #link(arrival: Arrival, { id }: Account, madeAccount: boolean): void {
    this.#links.set(nameOf(arrival), { providerId: arrival.providerId, accountId: id, madeAccount });
    this.accounts.linked.add(id);
    this.audit.push({ type: 'account.linked', at: arrival.at, accountId: id });
  }
}

/** Readable, but bound to its context as a real one. */
export class TransparentVault extends Vault {
  override seal(plaintext: Uint8Array, context: string): string {
    return JSON.stringify([context, Buffer.from(plaintext).toString('base64')]);
  }

  override open(sealed: string, context: string): Uint8Array {
    const [sealedFor, text] = JSON.parse(sealed) as [string, string];
    if (sealedFor !== context) throw new Error('sealed for another context');
    return Buffer.from(text, 'base64');
  }
}

function nameOf({ issuer, subject }: Arrival): string {
  return JSON.stringify([issuer, subject]);
}

function refused(reason: Extract<ArrivalOutcome, { outcome: 'refused' }>['reason'], account?: Account) {
  return { outcome: 'refused' as const, reason, ...(account ? { accountId: account.id } : {}) };
}
