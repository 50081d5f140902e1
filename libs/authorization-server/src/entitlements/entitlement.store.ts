import type { AccountId, ResourceIdentifier } from '@gatehouse/protocol';

/** Which scopes of a resource a person may hand on. No row, no scope. */
export abstract class EntitlementStore {
  abstract scopesOf(accountId: AccountId, resource: ResourceIdentifier): Promise<readonly string[]>;
  /** Replaces what the account may do at this resource. */
  abstract grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void>;
}
