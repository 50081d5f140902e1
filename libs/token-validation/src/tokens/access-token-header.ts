import { OAuthError } from '@gatehouse/protocol';
import { isSignatureAlgorithm } from '../keys/key-set.js';
import type { SignatureAlgorithm } from '../keys/issuer-keys.js';

export interface AccessTokenHeader {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
}

/** Members by which a token would bring its own key, or the address of one. */
const KEY_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c'];

/**
 * What an unverified header may make us do is: pick one of the issuer's own keys by id. Everything else in it is compared
 * with what we expect.
 * @throws OAuthError invalid_token
 * @spec RFC 9068 §2.1, §4; RFC 8725 §3.1, §3.11
 */
export function readHeader(token: string, allowed: readonly SignatureAlgorithm[]): AccessTokenHeader {
  const header = parseHeader(token);
  // An ID token is JWT, an ID-JAG oauth-id-jag+jwt: signed by the same key, and no access token.
  if (!isAccessTokenType(header['typ'])) throw new OAuthError('invalid_token', 'wrong_token_type');
  // No extension is understood here, and a critical one must be.
  if ('crit' in header || 'b64' in header || 'zip' in header || KEY_MEMBERS.some((member) => member in header))
    throw new OAuthError('invalid_token', 'malformed_access_token');
  const algorithm = header['alg'];
  if (!isSignatureAlgorithm(algorithm) || !allowed.includes(algorithm))
    throw new OAuthError('invalid_token', 'wrong_algorithm');
  const keyId = header['kid'];
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > 256)
    throw new OAuthError('invalid_token', 'unknown_key');
  return { keyId, algorithm };
}

function isAccessTokenType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(application\/)?at\+jwt$/i.test(typ);
}

function parseHeader(token: string): Readonly<Record<string, unknown>> {
  const [encoded] = /^[A-Za-z0-9_-]+(?=\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$)/.exec(token) ?? [];
  if (encoded === undefined) throw new OAuthError('invalid_token', 'malformed_access_token');
  return parseObject(Buffer.from(encoded, 'base64url'));
}

/** @throws OAuthError invalid_token for anything but a JSON object in UTF-8 */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new OAuthError('invalid_token', 'malformed_access_token', { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new OAuthError('invalid_token', 'malformed_access_token');
  return json as Record<string, unknown>;
}
