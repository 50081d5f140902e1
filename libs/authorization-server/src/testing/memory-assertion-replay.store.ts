import type { ClientId } from '@gatehouse/protocol';
import { AssertionReplayStore } from '../clients/assertion-replay.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryAssertionReplayStore extends AssertionReplayStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override use(clientId: ClientId, jti: string, expiresAt: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const key = JSON.stringify([clientId, jti]);
      if (this.database.usedAssertions.has(key)) return false;
      this.database.usedAssertions.set(key, expiresAt);
      return true;
    });
  }
}
