import type { AuditEvent } from '@gatehouse/audit';
import type { AuthorizationId, TokenHash } from '@gatehouse/protocol';
import type { Authorization, RefreshState, RevocationReason } from '../authorizations/authorization.js';
import { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { FoundAuthorization } from '../authorizations/lineage.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryAuthorizationStore extends AuthorizationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override begin(authorization: Authorization, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (!this.database.stands(authorization)) return false;
      this.database.authorizations.set(authorization.id, authorization);
      this.database.audit.push(audit);
      return true;
    });
  }

  override find(id: AuthorizationId): Promise<FoundAuthorization | undefined> {
    return this.database.atomically(() => this.database.found(id));
  }

  override rotate(
    id: AuthorizationId,
    presented: TokenHash,
    next: RefreshState,
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const living = this.#living(id, now);
      if (living?.refresh.currentHash !== presented) return false;
      this.database.authorizations.set(id, { ...living.authorization, refresh: next });
      this.database.audit.push(audit);
      return true;
    });
  }

  override confirmRetry(
    id: AuthorizationId,
    presented: TokenHash,
    notBefore: Date,
    audit: AuditEvent,
    now: Date,
  ): Promise<RefreshState | undefined> {
    return this.database.atomically(() => {
      const refresh = this.#living(id, now)?.refresh;
      if (refresh?.previousHash !== presented || !refresh.rotatedAt || refresh.rotatedAt < notBefore) return undefined;
      this.database.audit.push(audit);
      return refresh;
    });
  }

  override revoke(id: AuthorizationId, reason: RevocationReason, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const authorization = this.database.authorizations.get(id);
      if (!authorization || authorization.revoked) return false;
      this.database.authorizations.set(id, { ...authorization, revoked: { at: audit.at, reason } });
      this.#endDerived(id, audit.at);
      this.database.audit.push(audit);
      return true;
    });
  }

  #endDerived(id: AuthorizationId, at: Date): void {
    for (const child of [...this.database.authorizations.values()].filter(({ parent }) => parent === id)) {
      if (!child.revoked)
        this.database.authorizations.set(child.id, { ...child, revoked: { at, reason: 'parent_revoked' } });
      this.#endDerived(child.id, at);
    }
  }

  #living(id: AuthorizationId, now: Date): { authorization: Authorization; refresh: RefreshState } | undefined {
    const authorization = this.database.authorizations.get(id);
    const refresh = authorization?.refresh;
    if (!authorization || !refresh || authorization.revoked) return undefined;
    if (now >= refresh.idleExpiresAt || now >= authorization.expiresAt) return undefined;
    return this.database.stands(authorization) ? { authorization, refresh } : undefined;
  }
}
