import type { TokenHash } from '@gatehouse/protocol';
import type { PushedRequest } from '../pushed-requests/pushed-request.js';
import { PushedRequestStore } from '../pushed-requests/pushed-request.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryPushedRequestStore extends PushedRequestStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override push(request: PushedRequest): Promise<void> {
    return this.database.atomically(() => {
      this.database.pushedRequests.set(request.id, structuredClone(request));
    });
  }

  override find(id: TokenHash, now: Date): Promise<PushedRequest | undefined> {
    return this.database.atomically(() => {
      const request = this.database.pushedRequests.get(id);
      return request && now < request.expiresAt ? request : undefined;
    });
  }
}
