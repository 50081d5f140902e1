import { UsedAssertionStore } from '../sso/used-assertion.store.js';

export class MemoryUsedAssertionStore extends UsedAssertionStore {
  readonly used = new Map<string, Date>();

  override use(issuer: string, assertionId: string, expiresAt: Date): Promise<boolean> {
    const key = JSON.stringify([issuer, assertionId]);
    if (this.used.has(key)) return Promise.resolve(false);
    this.used.set(key, expiresAt);
    return Promise.resolve(true);
  }
}
