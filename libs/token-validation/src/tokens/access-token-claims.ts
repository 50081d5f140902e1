import { isThumbprint } from '@gatehouse/dpop';
import { type AuthorizationId, type ClientId, OAuthError } from '@gatehouse/protocol';
import { parseScope } from '@gatehouse/scopes';
import { readActors } from './actors.js';

export interface AccessTokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly clientId: ClientId;
  readonly scopes: readonly string[];
  readonly authorizationId: AuthorizationId | undefined;
  readonly tokenId: string;
  readonly issuedAt: Date;
  readonly notBefore: Date | undefined;
  readonly expiresAt: Date;
  readonly authenticatedAt: Date | undefined;
  readonly acr: string | undefined;
  /** Thumbprint of the key that the token is bound to. */
  readonly boundTo: string | undefined;
  /** Who acts for the subject, the one that acts now first; empty when nobody does. */
  readonly actors: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The claims of a verified payload.
 * @throws OAuthError invalid_token (missing_claim, malformed_access_token, wrong_token_type)
 * @spec RFC 9068 §2.2; RFC 9449 §6.1; RFC 9470 §6.1; RFC 8693 §4.1
 */
export function readClaims(payload: Json): AccessTokenClaims {
  const grant = payload['grant_id'];
  return {
    issuer: text(payload, 'iss'),
    subject: text(payload, 'sub'),
    audiences: audiences(payload['aud']),
    clientId: text(payload, 'client_id') as ClientId,
    scopes: scopes(payload['scope']),
    authorizationId: grant === undefined ? undefined : (text(payload, 'grant_id') as AuthorizationId),
    tokenId: text(payload, 'jti'),
    issuedAt: time(payload, 'iat'),
    notBefore: payload['nbf'] === undefined ? undefined : time(payload, 'nbf'),
    expiresAt: time(payload, 'exp'),
    authenticatedAt: payload['auth_time'] === undefined ? undefined : time(payload, 'auth_time'),
    acr: payload['acr'] === undefined ? undefined : text(payload, 'acr'),
    boundTo: binding(payload['cnf']),
    actors: readActors(payload['act']),
  };
}

/**
 * A token that is bound in a way nobody here can check, to a certificate for instance, or in two ways, is refused: taken
 * as unbound it would be worth more to a thief than its issuer meant.
 */
function binding(confirmation: unknown): string | undefined {
  if (confirmation === undefined) return undefined;
  const { jkt, ...others } = typeof confirmation === 'object' ? { ...(confirmation as Json) } : {};
  if (typeof jkt !== 'string' || !isThumbprint(jkt) || Object.keys(others).length > 0)
    throw new OAuthError('invalid_token', 'wrong_token_type');
  return jkt;
}

function text(payload: Json, name: string): string {
  const value = payload[name];
  if (value === undefined || value === '') throw new OAuthError('invalid_token', 'missing_claim');
  if (typeof value !== 'string') throw new OAuthError('invalid_token', 'malformed_access_token');
  return value;
}

/** Far enough for any honest clock, and small enough for Date. */
const LATEST = 253_402_300_799;

function time(payload: Json, name: string): Date {
  const value = payload[name];
  if (value === undefined) throw new OAuthError('invalid_token', 'missing_claim');
  if (typeof value !== 'number' || !(value >= 0 && value <= LATEST))
    throw new OAuthError('invalid_token', 'malformed_access_token');
  return new Date(value * 1000);
}

/** Our own issuer writes one string. Others may write several, each of which is compared as a whole. @spec RFC 7519 §4.1.3 */
function audiences(value: unknown): readonly string[] {
  if (value === undefined) throw new OAuthError('invalid_token', 'missing_claim');
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((entry) => typeof entry === 'string' && entry !== ''))
    throw new OAuthError('invalid_token', 'malformed_access_token');
  return list as string[];
}

function scopes(value: unknown): readonly string[] {
  const parsed = value === undefined || typeof value === 'string' ? parseScope(value) : undefined;
  if (parsed === undefined) throw new OAuthError('invalid_token', 'malformed_access_token');
  return parsed;
}
