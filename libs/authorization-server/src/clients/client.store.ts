import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId, TokenHash } from '@gatehouse/protocol';
import type { Client } from './client.js';
import type { SecretRenewal } from './secrets.js';

export abstract class ClientStore {
  /** Disabled clients are returned too: the caller must refuse them, and says why in its own words. */
  abstract find(id: ClientId): Promise<Client | undefined>;
  /** Stores a new client and its audit event in one step. */
  abstract register(client: Client, audit: AuditEvent): Promise<void>;
  /**
   * Stores a client whose metadata document was fetched, with its audit event, unless the id is known already: false then.
   * It is in quarantine, for `source`, until it is used.
   */
  abstract adopt(client: Client, audit: AuditEvent, source?: TokenHash): Promise<boolean>;
  /**
   * Puts one stored form of a secret in the place of the other; when it ends stays. Whatever else happens to the client
   * meanwhile is kept. False: it no longer has that secret.
   */
  abstract renewSecret(id: ClientId, renewal: SecretRenewal): Promise<boolean>;
  /**
   * Replaces the copy `last` of a metadata document by `renewed`; a client in quarantine waits from then again. With a `change`, every consent given to the client goes, every journey about it ends (its person saw a page of before),
   * and the event is stored, all in one step. Whether the client is disabled, and since when it is known, stays. False when
   * somebody else has renewed the copy since: nothing was changed.
   */
  abstract renew(last: Client, renewed: Client, change?: AuditEvent): Promise<boolean>;
}
