import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import { type ClientChange, PreRegistrationStore } from '../pre-registration/pre-registration.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryPreRegistrationStore extends PreRegistrationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override list(): Promise<readonly Client[]> {
    return this.database.atomically(() =>
      [...this.database.clients.values()]
        .filter(({ origin }) => origin === 'pre-registered')
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  }

  override create(client: Client, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (this.database.clients.has(client.id)) return false;
      this.database.clients.set(client.id, client);
      this.database.audit.push(audit);
      return true;
    });
  }

  override change(id: ClientId, change: (client: Client) => ClientChange | undefined): Promise<Client | undefined> {
    return this.database.atomically(() => {
      const current = this.database.clients.get(id);
      if (current?.origin !== 'pre-registered') return undefined;
      const result = change(current);
      if (!result) return current;
      this.database.clients.set(id, result.client);
      this.database.audit.push(result.audit);
      if (result.endsAgreements) this.database.endAgreements(id);
      return result.client;
    });
  }
}
