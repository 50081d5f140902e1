import type { AuditEvent } from '@gatehouse/audit';
import type { AuthorizationId, TokenHash } from '@gatehouse/protocol';
import type { Authorization, RefreshState, RevocationReason } from './authorization.js';
import type { FoundAuthorization } from './lineage.js';

/**
 * Every verb is one statement, so the row lock decides between parallel calls: of N rotations of one token one wins,
 * and a revocation that has committed is seen by every rotation after it.
 */
export abstract class AuthorizationStore {
  /**
   * Stores an authorization that no person's approval gave birth to, with its audit event, if client and resource are active at
   * this moment. It has no refresh token. False: nothing was stored.
   */
  abstract begin(authorization: Authorization, audit: AuditEvent): Promise<boolean>;

  /** The authorization and how its parties and its ancestors stand now, in one read. */
  abstract find(id: AuthorizationId): Promise<FoundAuthorization | undefined>;

  /**
   * Replaces the refresh token `presented` by `next` if, at this moment, `presented` is the current token, neither side
   * of its expiry is reached, the authorization is not revoked, and client, account and resource are active.
   * `next` is stored as given (generation, hashes, nonce, expiry) with the audit event. False: nothing was changed.
   */
  abstract rotate(
    id: AuthorizationId,
    presented: TokenHash,
    next: RefreshState,
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean>;

  /**
   * Confirms, in one statement that also stores the audit event, that `presented` may be answered again: it is the token
   * directly before the current one, it was replaced at or after `notBefore`, its successor has not been used,
   * nothing is revoked, expired or disabled. Returns the refresh state to derive the same successor from, else undefined.
   */
  abstract confirmRetry(
    id: AuthorizationId,
    presented: TokenHash,
    notBefore: Date,
    audit: AuditEvent,
    now: Date,
  ): Promise<RefreshState | undefined>;

  /**
   * Ends the authorization with all its tokens, and all that was derived from it, and stores the audit event. False: unknown
   * or already ended; no event then.
   */
  abstract revoke(id: AuthorizationId, reason: RevocationReason, audit: AuditEvent): Promise<boolean>;
}
