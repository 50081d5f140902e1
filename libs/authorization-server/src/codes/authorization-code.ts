import type { AccountId, AuthorizationId, ClientId, ResourceIdentifier, TokenHash } from '@gatehouse/protocol';
import type { KeyBinding } from '../authorizations/authorization.js';
import type { SessionContext } from '../authorizations/session-context.js';

export interface AuthorizationCode {
  readonly hash: TokenHash;
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly redirectUri: string;
  readonly redirectUriWasSent: boolean;
  readonly codeChallenge: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly authenticatedAt: Date;
  readonly session?: SessionContext;
  /** The client's own, for its ID token; at a refresh there is none. */
  readonly nonce?: string;
  /** Key without which it cannot be redeemed (`dpop_jkt`). @spec RFC 9449 §10 */
  readonly binding?: KeyBinding;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** Set once, when it is spent. The spent code stays readable so that its reuse can end what it gave birth to. */
  readonly redeemed?: { readonly at: Date; readonly authorizationId: AuthorizationId };
}
