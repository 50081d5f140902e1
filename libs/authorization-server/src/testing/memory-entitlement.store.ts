import type { AccountId, ResourceIdentifier } from '@gatehouse/protocol';
import { EntitlementStore } from '../entitlements/entitlement.store.js';
import { entitlementKey, type MemoryDatabase } from './memory-database.js';

export class MemoryEntitlementStore extends EntitlementStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override scopesOf(accountId: AccountId, resource: ResourceIdentifier): Promise<readonly string[]> {
    return this.database.atomically(() => this.database.entitlements.get(entitlementKey(accountId, resource)) ?? []);
  }

  override grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void> {
    return this.database.atomically(() => {
      this.database.entitlements.set(entitlementKey(accountId, resource), scopes);
    });
  }
}
