import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';

/** To whom a person would hand something on. */
export interface Receiver {
  readonly id: ClientId;
  /** By the operator's lists, which no store knows. */
  readonly verified: boolean;
}

/** Which scopes of a resource a person may hand on. No row and no rule, no scope. */
export abstract class EntitlementStore {
  /** What the person was granted there, and what rules of the access policy give. */
  abstract scopesOf(accountId: AccountId, client: Receiver, resource: ResourceIdentifier): Promise<readonly string[]>;
  /** Replaces what the account may do at this resource. */
  abstract grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void>;
}
