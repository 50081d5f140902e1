import type { AccountId, ResourceIdentifier } from '@gatehouse/protocol';
import { union } from '@gatehouse/scopes';
import { EntitlementStore, type Receiver } from '../entitlements/entitlement.store.js';
import { entitlementKey, type MemoryDatabase } from './memory-database.js';

export class MemoryEntitlementStore extends EntitlementStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override scopesOf(
    accountId: AccountId,
    { id, verified }: Receiver,
    resource: ResourceIdentifier,
  ): Promise<readonly string[]> {
    return this.database.atomically(() => {
      const { entitledScopes, entitledIfVerified = [] } = this.database.entitled(accountId, id, resource);
      return verified ? union(entitledScopes, entitledIfVerified) : entitledScopes;
    });
  }

  override grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void> {
    return this.database.atomically(() => {
      this.database.entitlements.set(entitlementKey(accountId, resource), scopes);
    });
  }
}
