import type { AuditEvent } from '@gatehouse/audit';
import { union } from '@gatehouse/scopes';
import type { AccountId, AuthorizationId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { FoundAuthorization } from '../authorizations/lineage.js';
import { ExchangeStore, type ExchangeSubject, type ExchangeTarget } from '../exchange/exchange.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryExchangeStore extends ExchangeStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override subject(
    id: AuthorizationId,
    target: { readonly client: ClientId; readonly resource: ResourceIdentifier },
  ): Promise<ExchangeSubject | undefined> {
    return this.database.atomically(() => {
      const found = this.database.found(id);
      if (!found) return undefined;
      const sourceScopes = this.database.resources.get(found.authorization.resource)?.scopes ?? [];
      return { ...found, sourceScopes, target: this.#target(found, target) };
    });
  }

  override derive(
    derived: Authorization & { readonly parent: AuthorizationId },
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const parent = this.database.authorizations.get(derived.parent);
      if (!parent || parent.revoked || now >= parent.expiresAt || !this.database.stands(derived)) return false;
      this.database.authorizations.set(derived.id, derived);
      this.database.audit.push(audit);
      return true;
    });
  }

  #target(
    { authorization, standing }: FoundAuthorization,
    { client, resource: identifier }: { readonly client: ClientId; readonly resource: ResourceIdentifier },
  ): ExchangeTarget {
    const resource = this.database.resources.get(identifier);
    const { accountId } = authorization;
    return {
      standing: !resource ? 'unknown' : resource.disabledAt ? 'disabled' : 'active',
      ...(resource ? { serverId: resource.serverId } : {}),
      scopes: (resource?.scopes ?? []).map(({ name }) => name),
      entitledScopes: accountId === undefined ? standing.entitledScopes : this.#handedOn(accountId, client, identifier),
    };
  }

  #handedOn(accountId: AccountId, client: ClientId, resource: ResourceIdentifier): readonly string[] {
    const { entitledScopes, entitledIfVerified = [] } = this.database.entitled(accountId, client, resource);
    return union(entitledScopes, entitledIfVerified);
  }
}
