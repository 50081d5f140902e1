import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId, TokenHash } from '@gatehouse/protocol';
import type { Client, ClientSecret } from '../clients/client.js';
import { isUsable } from '../registration/initial-access-tokens.js';
import { type Admission, type ManagedClient, RegistrationStore } from '../registration/registration.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryRegistrationStore extends RegistrationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override findShared(fingerprint: TokenHash, now: Date): Promise<Client | undefined> {
    return this.database.atomically(() => this.#asked(fingerprint, now));
  }

  override admit(admission: Admission, audit: AuditEvent, now: Date): Promise<Client | undefined> {
    const { client, fingerprint, initialAccessToken, managementToken, source } = admission;
    return this.database.atomically(() => {
      const known = fingerprint && this.#asked(fingerprint, now);
      if (known) return known;
      if (initialAccessToken !== undefined && !this.#spend(initialAccessToken, now)) return undefined;
      this.database.clients.set(client.id, client);
      this.database.registrations.set(client.id, {
        managementToken,
        fingerprint,
        source,
        unusedSince: initialAccessToken === undefined ? now : undefined,
      });
      this.database.audit.push(audit);
      return client;
    });
  }

  override findManaged(id: ClientId): Promise<ManagedClient | undefined> {
    return this.database.atomically(() => {
      const client = this.database.clients.get(id);
      const managementToken = this.database.registrations.get(id)?.managementToken;
      return client && managementToken && { client, managementToken };
    });
  }

  override replace(
    { client, managementToken }: ManagedClient,
    secrets: readonly ClientSecret[] | undefined,
    audit: AuditEvent,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const current = this.#own(client.id, managementToken);
      if (!current) return false;
      const { origin, createdAt, scopes } = current;
      const { scopes: _, ...own } = client;
      const kept = { origin, createdAt, secrets: secrets ?? current.secrets, ...(scopes ? { scopes } : {}) };
      const next = { ...own, ...kept };
      this.database.clients.set(client.id, next);
      if (terms(current) !== terms(next)) this.#dropConsents(client.id);
      this.database.audit.push(audit);
      return true;
    });
  }

  override remove(id: ClientId, managementToken: TokenHash, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (!this.#own(id, managementToken)) return false;
      this.#delete(id);
      this.database.audit.push(audit);
      return true;
    });
  }

  override trim(budget: number, limit: number, now: Date): Promise<number> {
    return this.database.atomically(() => {
      const places = new Map<TokenHash | undefined, number>();
      const surplus = [...this.database.registrations]
        .flatMap(([id, { unusedSince, source }]) => (unusedSince ? [{ id, unusedSince, source }] : []))
        .sort((a, b) => b.unusedSince.getTime() - a.unusedSince.getTime())
        .map((unused) => {
          const place = (places.get(unused.source) ?? 0) + 1;
          places.set(unused.source, place);
          return { ...unused, place };
        })
        .sort((a, b) => a.place - b.place || b.unusedSince.getTime() - a.unusedSince.getTime())
        .slice(budget)
        .sort((a, b) => a.unusedSince.getTime() - b.unusedSince.getTime())
        .filter(({ id }) => !this.#isWanted(id) && !this.#isInFlow(id, now))
        .slice(0, limit);
      for (const { id } of surplus) this.#delete(id);
      if (surplus.length > 0)
        this.database.audit.push({ type: 'client.reaped', at: now, detail: { clients: surplus.length } });
      return surplus.length;
    });
  }

  #asked(fingerprint: TokenHash, now: Date): Client | undefined {
    for (const [id, registration] of this.database.registrations) {
      if (registration.fingerprint !== fingerprint) continue;
      if (registration.unusedSince) registration.unusedSince = now;
      return this.database.clients.get(id);
    }
    return undefined;
  }

  #isWanted(id: ClientId): boolean {
    const client = this.database.clients.get(id);
    return client?.disabledAt !== undefined || client?.origin === 'pre-registered';
  }

  #isInFlow(id: ClientId, now: Date): boolean {
    const { interactions, codes, devices } = this.database;
    return (
      [...interactions.values()].some(
        ({ request, expiresAt }) => 'clientId' in request && request.clientId === id && now < expiresAt,
      ) ||
      [...codes.values(), ...devices.values()].some(({ clientId, expiresAt }) => clientId === id && now < expiresAt)
    );
  }

  #spend(hash: TokenHash, now: Date): boolean {
    const token = this.database.initialAccessTokens.get(hash);
    if (!token || !isUsable(token, now)) return false;
    this.database.initialAccessTokens.set(hash, { ...token, usesLeft: token.usesLeft - 1 });
    return true;
  }

  #own(id: ClientId, managementToken: TokenHash): Client | undefined {
    const client = this.database.clients.get(id);
    const own = this.database.registrations.get(id)?.managementToken === managementToken;
    return own && client?.origin === 'dynamic' && !client.disabledAt ? client : undefined;
  }

  #delete(id: ClientId): void {
    this.database.clients.delete(id);
    this.database.registrations.delete(id);
    this.database.usage.delete(id);
    this.#dropConsents(id);
  }

  #dropConsents(id: ClientId): void {
    for (const [key, consent] of this.database.consents)
      if (consent.clientId === id) this.database.consents.delete(key);
  }
}

/** What a person who consented relied on. */
function terms({ name, redirectUris, authMethod, keys }: Client): string {
  return JSON.stringify([name, redirectUris, authMethod, keys]);
}
