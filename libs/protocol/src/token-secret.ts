import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenHash } from './brand.js';

/** 256 random bits, base64url, behind a prefix by which secret scanners know the kind. @spec RFC 6749 §10.10 */
export function newSecret(prefix: SecretPrefix): string {
  return prefix + randomBytes(32).toString('base64url');
}

/**
 * code, refresh token, client secret, session cookie, browser cookie, known browser, interaction id, resource server secret, device code,
 * pushed request, management of a client's registration, initial access token, state at an identity provider, ticket of an answer from one
 */
export type SecretPrefix =
  | 'ghc_'
  | 'ghr_'
  | 'ghs_'
  | 'ghw_'
  | 'ghb_'
  | 'ghk_'
  | 'ghi_'
  | 'ghx_'
  | 'ghd_'
  | 'ghq_'
  | 'ghm_'
  | 'ght_'
  | 'ghv_'
  | 'ghz_';

/** The secrets are random and long, so a fast hash is enough: there is nothing to guess. */
export function tokenHash(secret: string): TokenHash {
  return hash('sha256', secret, 'base64url') as TokenHash;
}

/** Compares two hashes or other strings of public length in constant time. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
