declare const brand: unique symbol;

/** A string or number that only its own parser or maker can produce. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type ClientId = Brand<string, 'ClientId'>;
export type AccountId = Brand<string, 'AccountId'>;
/** Root of a token family: what one person approved for one client at one resource. */
export type AuthorizationId = Brand<string, 'AuthorizationId'>;
/** Identifier of a protected resource, byte-exact as it stands in its metadata and in `aud`. */
export type ResourceIdentifier = Brand<string, 'ResourceIdentifier'>;
export type ResourceServerId = Brand<string, 'ResourceServerId'>;
export type KeyId = Brand<string, 'KeyId'>;
/** SHA-256 of a secret, base64url without padding (43 characters). The only form in which secrets are stored. */
export type TokenHash = Brand<string, 'TokenHash'>;
