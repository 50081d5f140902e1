import type { ClientId, TokenHash } from '@gatehouse/protocol';

export type GrantType = 'authorization_code' | 'refresh_token';
export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post';

export interface ClientSecret {
  readonly hash: TokenHash;
  /** Undefined: never. Two secrets may be valid while one replaces the other. */
  readonly expiresAt?: Date;
}

export interface Client {
  readonly id: ClientId;
  /** How it came. A dynamic client's name and look are its own words: nobody has vouched for them. */
  readonly origin: 'pre-registered' | 'dynamic';
  readonly name: string;
  readonly applicationType: 'web' | 'native';
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly authMethod: ClientAuthMethod;
  readonly secrets: readonly ClientSecret[];
  /** Scopes it may ask for at most; undefined: whatever its person may grant. */
  readonly scopes?: readonly string[];
  /** Display only; never fetched by the server or the consent page. */
  readonly clientUri?: string;
  readonly softwareId?: string;
  readonly softwareVersion?: string;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
}
