import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import type { Consent } from './consent.js';

/** Consents are written by InteractionStore.approve, together with the code they allow. */
export abstract class ConsentStore {
  abstract find(accountId: AccountId, clientId: ClientId, resource: ResourceIdentifier): Promise<Consent | undefined>;
}
