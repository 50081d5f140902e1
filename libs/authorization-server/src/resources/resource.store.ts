import type { AuditEvent } from '@gatehouse/audit';
import type { ResourceServerId } from '@gatehouse/protocol';
import type { SecretRenewal } from '../clients/secrets.js';
import type { ProtectedResource, ResourceServer } from './protected-resource.js';

export abstract class ResourceStore {
  /** All resources, disabled ones included. Few and rarely changed: implementations may answer from a cache of seconds. */
  abstract list(): Promise<readonly ProtectedResource[]>;
  abstract findServer(id: ResourceServerId): Promise<ResourceServer | undefined>;
  /** Creates or replaces by identifier. Which server runs a resource is part of the record. */
  abstract publish(resource: ProtectedResource, audit: AuditEvent): Promise<void>;
  /**
   * Publishes a resource of this server itself, with a server row that has no secrets, unless it stands like that already.
   * Whether it is disabled stays as it is. False: nothing was changed, and no event stored.
   */
  abstract ensure(resource: ProtectedResource, audit: AuditEvent): Promise<boolean>;
  /** Creates or replaces a resource server with its secrets. */
  abstract publishServer(server: ResourceServer): Promise<void>;
  /** As ClientStore.renewSecret. */
  abstract renewServerSecret(id: ResourceServerId, renewal: SecretRenewal): Promise<boolean>;
}
