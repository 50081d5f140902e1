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
}
