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
/** SHA-256 of a secret, base64url without padding (43 characters). The form in which tokens, codes and cookies are stored. */
export type TokenHash = Brand<string, 'TokenHash'>;
/** HMAC-SHA256 of the secret of a client or resource server under a key that the database does not hold; base64url, 43 characters. */
export type SecretHash = Brand<string, 'SecretHash'>;
