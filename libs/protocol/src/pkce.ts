import { hash } from 'node:crypto';
import { sameHash } from './token-secret.js';

/** An S256 challenge is 43 base64url characters; other methods are not offered. @spec RFC 7636 §4.2 */
export function isCodeChallenge(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** @spec RFC 7636 §4.1 */
export function isCodeVerifier(text: string): boolean {
  return /^[A-Za-z0-9._~-]{43,128}$/.test(text);
}

/** @spec RFC 7636 §4.6 */
export function verifierMatches(verifier: string, challenge: string): boolean {
  return isCodeVerifier(verifier) && sameHash(hash('sha256', verifier, 'base64url'), challenge);
}
