import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import type { Consent } from '../consent/consent.js';
import { ConsentStore } from '../consent/consent.store.js';
import { consentKey, type MemoryDatabase } from './memory-database.js';

export class MemoryConsentStore extends ConsentStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override find(accountId: AccountId, clientId: ClientId, resource: ResourceIdentifier): Promise<Consent | undefined> {
    return this.database.atomically(() => this.database.consents.get(consentKey({ accountId, clientId, resource })));
  }
}
