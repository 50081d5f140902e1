import type { ClientId, SecretHash } from '@gatehouse/protocol';
import type { JWK } from 'jose';
import type { ExchangeRule } from '../exchange/exchange-rule.js';

/** @spec RFC 8628 §3.4 */
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** @spec RFC 8693 §2.1 */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | typeof DEVICE_CODE_GRANT
  | typeof TOKEN_EXCHANGE_GRANT;
export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

export interface ClientSecret {
  readonly hash: SecretHash;
  /** Undefined: never. Two secrets may be valid while one replaces the other. */
  readonly expiresAt?: Date;
}

export type ClientKeySet = { readonly jwks: readonly JWK[] } | { readonly jwksUri: string };

/** How old the copy of a metadata document is. */
export interface DocumentCopy {
  readonly fetchedAt: Date;
  /** From then on the document is had again before the copy is relied on. */
  readonly expiresAt: Date;
  readonly etag?: string;
}

export interface Client {
  readonly id: ClientId;
  /**
   * How it came. A dynamic client's name and look are its own words: nobody has vouched for them. So are those of a client
   * with a metadata document, but the host of its id did publish them.
   */
  readonly origin: 'pre-registered' | 'dynamic' | 'metadata-document';
  readonly name: string;
  readonly applicationType: 'web' | 'native';
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly authMethod: ClientAuthMethod;
  readonly secrets: readonly ClientSecret[];
  /** Public keys of `private_key_jwt`: the ones it registered, or where it publishes them. Present exactly with that method. */
  readonly keys?: ClientKeySet;
  /**
   * Scopes it may ask for at most; undefined: whatever its person may grant. A client that acts for itself has these and
   * no others.
   */
  readonly scopes?: readonly string[];
  /** What it may exchange for what. Only an operator says so, and `scopes` has no part in it. */
  readonly exchanges?: readonly ExchangeRule[];
  /** It takes no authorization request that it did not push. @spec RFC 9126 §6 */
  readonly requirePushedRequests?: true;
  /** The only algorithm that its assertions may be signed with; undefined: any that its keys allow. */
  readonly assertionAlgorithm?: string;
  /** It wants no token that anybody could use: a request for tokens without a proof is refused. @spec RFC 9449 §5.2 */
  readonly dpopBoundAccessTokens?: true;
  /** Display only; never fetched by the server or the consent page. */
  readonly clientUri?: string;
  /** Where a person may be sent who has signed out. */
  readonly postLogoutRedirectUris?: readonly string[];
  /** Where it is told that a session has ended. */
  readonly backchannelLogoutUri?: string;
  /** It cannot do without being told which session; it always is. */
  readonly backchannelLogoutSessionRequired?: boolean;
  readonly softwareId?: string;
  readonly softwareVersion?: string;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
  /** Present exactly with a metadata document: this record is a copy of it. */
  readonly document?: DocumentCopy;
}
