import type { ClientId } from '@gatehouse/protocol';
import { type ClientUse, ClientUsageStore } from '../clients/client-usage.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryClientUsageStore extends ClientUsageStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override used(id: ClientId, at: Date): Promise<void> {
    return this.database.atomically(() => {
      const registration = this.database.registrations.get(id);
      if (registration) registration.unusedSince = undefined;
      const known = this.database.usage.get(id);
      if (known && dayOf(known.lastUsedAt) >= dayOf(at)) return;
      this.database.usage.set(id, { firstUsedAt: known?.firstUsedAt ?? at, lastUsedAt: at });
    });
  }

  override find(id: ClientId): Promise<ClientUse | undefined> {
    return this.database.atomically(() => this.database.usage.get(id));
  }
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
