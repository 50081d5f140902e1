import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId, TokenHash } from '@gatehouse/protocol';
import type { Client, ClientSecret } from '../clients/client.js';
import { ClientStore } from '../clients/client.store.js';
import type { SecretRenewal } from '../clients/secrets.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryClientStore extends ClientStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override find(id: ClientId): Promise<Client | undefined> {
    return this.database.atomically(() => this.database.clients.get(id));
  }

  override register(client: Client, audit: AuditEvent): Promise<void> {
    return this.database.atomically(() => {
      this.database.clients.set(client.id, client);
      this.database.audit.push(audit);
    });
  }

  override adopt(client: Client, audit: AuditEvent, source?: TokenHash): Promise<boolean> {
    return this.database.atomically(() => {
      if (this.database.clients.has(client.id)) return false;
      this.database.clients.set(client.id, client);
      const unusedSince = this.database.usage.has(client.id) ? undefined : client.createdAt;
      const nobody = { managementToken: undefined, fingerprint: undefined };
      this.database.registrations.set(client.id, { ...nobody, source, unusedSince });
      this.database.audit.push(audit);
      return true;
    });
  }

  override renew(last: Client, renewed: Client, change?: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const now = this.database.clients.get(last.id);
      if (now?.document?.fetchedAt.getTime() !== last.document?.fetchedAt.getTime() || !now) return false;
      const { createdAt, disabledAt } = now;
      const registration = this.database.registrations.get(last.id);
      if (registration?.unusedSince) registration.unusedSince = renewed.document?.fetchedAt;
      this.database.clients.set(last.id, { ...renewed, createdAt, ...(disabledAt ? { disabledAt } : {}) });
      if (!change) return true;
      this.database.audit.push(change);
      this.database.endAgreements(last.id);
      return true;
    });
  }

  override renewSecret(id: ClientId, renewal: SecretRenewal): Promise<boolean> {
    return this.database.atomically(() => {
      const client = this.database.clients.get(id);
      const secrets = client && withRenewed(client.secrets, renewal);
      if (!client || !secrets) return false;
      this.database.clients.set(id, { ...client, secrets });
      return true;
    });
  }
}

/** Undefined: the secret is not among them. */
export function withRenewed(
  secrets: readonly ClientSecret[],
  { from, to }: SecretRenewal,
): readonly ClientSecret[] | undefined {
  if (!secrets.some(({ hash }) => hash === from)) return undefined;
  return secrets.map((secret) => (secret.hash === from ? { ...secret, hash: to } : secret));
}
