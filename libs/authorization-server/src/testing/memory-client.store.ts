import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import { ClientStore } from '../clients/client.store.js';
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

  override adopt(client: Client, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (this.database.clients.has(client.id)) return false;
      this.database.clients.set(client.id, client);
      this.database.audit.push(audit);
      return true;
    });
  }

  override renew(last: Client, renewed: Client, change?: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const now = this.database.clients.get(last.id);
      if (now?.document?.fetchedAt.getTime() !== last.document?.fetchedAt.getTime() || !now) return false;
      const { createdAt, disabledAt } = now;
      this.database.clients.set(last.id, { ...renewed, createdAt, ...(disabledAt ? { disabledAt } : {}) });
      if (!change) return true;
      this.database.audit.push(change);
      for (const [key, { clientId }] of this.database.consents)
        if (clientId === last.id) this.database.consents.delete(key);
      return true;
    });
  }
}
