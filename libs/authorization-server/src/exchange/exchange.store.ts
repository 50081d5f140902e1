import type { AuditEvent } from '@gatehouse/audit';
import type { AuthorizationId, ClientId, ResourceIdentifier, ResourceServerId } from '@gatehouse/protocol';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { Authorization } from '../authorizations/authorization.js';
import type { FoundAuthorization } from '../authorizations/lineage.js';

/** What is behind a subject token, and where the new one is to be good. */
export interface ExchangeSubject extends FoundAuthorization {
  /** Catalogue of the resource that the subject token is for. */
  readonly sourceScopes: readonly ScopeDefinition[];
  readonly target: ExchangeTarget;
}

/** Where a new token is to be good, as it stands now. */
export interface ExchangeTarget {
  readonly standing: 'active' | 'disabled' | 'unknown';
  readonly serverId?: ResourceServerId;
  /** Names of its scopes. */
  readonly scopes: readonly string[];
  /**
   * What the person behind the subject token may hand on there to the client that exchanges, or what the client that acts
   * for itself may do. Who exchanges was declared by the operator, and so is verified.
   */
  readonly entitledScopes: readonly string[];
}

/** Tokens that are made of tokens. */
export abstract class ExchangeStore {
  /** What is behind a subject token, and what its owner has at the target, in one read. */
  abstract subject(
    id: AuthorizationId,
    target: { readonly client: ClientId; readonly resource: ResourceIdentifier },
  ): Promise<ExchangeSubject | undefined>;

  /**
   * Stores an authorization derived from `derived.parent`, with its audit event, if at this moment neither the parent nor
   * what that was derived from is revoked, the parent is not expired, and client, account and resource are active. It holds
   * the parent meanwhile: a revocation of it either is seen here, or finds an ancestor revoked under what was stored.
   * False: nothing was stored.
   */
  abstract derive(
    derived: Authorization & { readonly parent: AuthorizationId },
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean>;
}
