import type {
  AccountId,
  AuthorizationId,
  ClientId,
  RefusalReason,
  ResourceIdentifier,
  TokenHash,
} from '@gatehouse/protocol';
import type { SessionContext } from './session-context.js';

/**
 * Refresh side of an authorization. One row a family: the current token and the one before, as hashes.
 * Older generations are recognised by `replayKey`, see refresh-token.ts.
 */
export interface RefreshState {
  /** Generation of the current token; 0 for the first. */
  readonly generation: number;
  readonly currentHash: TokenHash;
  readonly previousHash?: TokenHash;
  /** When `current` replaced `previous`. */
  readonly rotatedAt?: Date;
  /** base64url, 32 random bytes made at that rotation: together with the previous token and the server's pepper it gives the current one. */
  readonly nonce?: string;
  /** base64url, 32 random bytes. Proves that an old token was really issued here; it cannot make a token that works. */
  readonly replayKey: string;
  /** A refresh token unused until then is dead. */
  readonly idleExpiresAt: Date;
}

/** A client's key that something is tied to, as RFC 7638 thumbprint: whoever does not have the key cannot use the thing. */
export interface KeyBinding {
  readonly jkt: string;
}

/** What was approved, by a person or in the client's registration; root of a token family. */
export interface Authorization {
  readonly id: AuthorizationId;
  readonly clientId: ClientId;
  /** Whose right the client uses. Absent: it acts for itself, with the scopes it is registered for. */
  readonly accountId?: AccountId;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** When the person signed in; present exactly with `accountId`. */
  readonly authenticatedAt?: Date;
  /** Where the person approved. Absent: it acts for itself, or was approved before sessions had a public name. */
  readonly session?: SessionContext;
  /** What it was derived from, by an exchange. It lives no longer than this, nor than what this was derived from. */
  readonly parent?: AuthorizationId;
  readonly createdAt: Date;
  /** Key without which its refresh tokens are of no use; only of a public client. @spec RFC 9449 §5 */
  readonly binding?: KeyBinding;
  /** Absolute end, whatever is refreshed. */
  readonly expiresAt: Date;
  readonly revoked?: { readonly at: Date; readonly reason: RevocationReason };
  /** Absent when the client does not use refresh tokens. */
  readonly refresh?: RefreshState;
}

export type RevocationReason =
  | Extract<RefusalReason, 'code_reused' | 'refresh_token_reused'>
  | 'revoked_by_client'
  | 'revoked_by_account'
  | 'revoked_by_operator'
  | 'parent_revoked';
