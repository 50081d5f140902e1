import type { AuditEvent } from '@gatehouse/audit';
import type { ResourceServerId } from '@gatehouse/protocol';
import { isDeepStrictEqual } from 'node:util';
import type { SecretRenewal } from '../clients/secrets.js';
import type { ProtectedResource, ResourceServer } from '../resources/protected-resource.js';
import { ResourceStore } from '../resources/resource.store.js';
import { withRenewed } from './memory-client.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryResourceStore extends ResourceStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override list(): Promise<readonly ProtectedResource[]> {
    return this.database.atomically(() => [...this.database.resources.values()]);
  }

  override findServer(id: ResourceServerId): Promise<ResourceServer | undefined> {
    return this.database.atomically(() => this.database.resourceServers.get(id));
  }

  override publish(resource: ProtectedResource, audit: AuditEvent): Promise<void> {
    return this.database.atomically(() => {
      this.database.resources.set(resource.identifier, resource);
      this.database.audit.push(audit);
    });
  }

  override ensure(resource: ProtectedResource, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      this.database.resourceServers.set(resource.serverId, { id: resource.serverId, secrets: [] });
      const known = this.database.resources.get(resource.identifier);
      const next = { ...resource, ...(known?.disabledAt ? { disabledAt: known.disabledAt } : {}) };
      if (isDeepStrictEqual(known, next)) return false;
      this.database.resources.set(resource.identifier, next);
      this.database.audit.push(audit);
      return true;
    });
  }

  override publishServer(server: ResourceServer): Promise<void> {
    return this.database.atomically(() => {
      this.database.resourceServers.set(server.id, server);
    });
  }

  override renewServerSecret(id: ResourceServerId, renewal: SecretRenewal): Promise<boolean> {
    return this.database.atomically(() => {
      const server = this.database.resourceServers.get(id);
      const secrets = server && withRenewed(server.secrets, renewal);
      if (!server || !secrets) return false;
      this.database.resourceServers.set(id, { ...server, secrets });
      return true;
    });
  }
}
