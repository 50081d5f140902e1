import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import type { Client } from './client.js';

export abstract class ClientStore {
  /** Disabled clients are returned too: the caller must refuse them, and says why in its own words. */
  abstract find(id: ClientId): Promise<Client | undefined>;
  /** Stores a new client and its audit event in one step. */
  abstract register(client: Client, audit: AuditEvent): Promise<void>;
}
