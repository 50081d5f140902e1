import { ProofReplayStore } from '../dpop/proof-replay.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryProofReplayStore extends ProofReplayStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override use(jkt: string, jti: string, expiresAt: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const key = JSON.stringify([jkt, jti]);
      if (this.database.usedProofs.has(key)) return false;
      this.database.usedProofs.set(key, expiresAt);
      return true;
    });
  }
}
