import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';

/** What a person last agreed to for one client at one resource. */
export interface Consent {
  readonly accountId: AccountId;
  readonly clientId: ClientId;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly grantedAt: Date;
}
