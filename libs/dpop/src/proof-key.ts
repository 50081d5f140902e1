import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { DpopProblem } from './dpop-problem.js';

/**
 * The key travels in the proof, so whoever asks chooses it. That is no danger as long as the set is small: elliptic curves
 * only. An RSA key could have any modulus and exponent, would be dear to verify and makes each request a kilobyte longer.
 */
const CURVES = {
  ES256: { kty: 'EC', crv: 'P-256', characters: 43 },
  ES384: { kty: 'EC', crv: 'P-384', characters: 64 },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', characters: 43 },
  /** The older name of Ed25519. @spec RFC 9864 §2.2 */
  EdDSA: { kty: 'OKP', crv: 'Ed25519', characters: 43 },
} as const;

type Algorithm = keyof typeof CURVES;

/** For `dpop_signing_alg_values_supported`. @spec RFC 9449 §5.1 */
export const DPOP_ALGORITHMS: readonly string[] = Object.keys(CURVES);

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Exactly the members that make the key and its thumbprint; nothing else of what came is kept. */
export type ProofKey =
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string };

export function isDpopAlgorithm(alg: unknown): alg is Algorithm {
  return typeof alg === 'string' && Object.hasOwn(CURVES, alg);
}

/**
 * The public key in a proof's header, fit for the algorithm beside it. Coordinates have their full length and the one
 * spelling of their bytes, so that one key has one thumbprint.
 * @throws DpopProblem
 * @spec RFC 9449 §4.3 (5), (7); RFC 7518 §6.2.1.2
 */
export function proofKey(jwk: Readonly<Record<string, unknown>>, alg: Algorithm): ProofKey {
  // A client that sends its private key around has lost it, and with it the point of all this.
  if (SECRET_MEMBERS.some((name) => name in jwk)) throw new DpopProblem('dpop_proof_private_key');
  const { kty, crv, characters } = CURVES[alg];
  const { x, y } = jwk;
  if (jwk['kty'] !== kty || jwk['crv'] !== crv || !isBase64url(x, characters))
    throw new DpopProblem('dpop_proof_unusable_key');
  if (kty === 'OKP') return { kty, crv, x };
  if (!isBase64url(y, characters)) throw new DpopProblem('dpop_proof_unusable_key');
  return { kty, crv, x, y };
}

/** @throws DpopProblem when the coordinates are no point of the curve */
export function publicKeyOf(key: ProofKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (cause) {
    throw new DpopProblem('dpop_proof_unusable_key', { cause });
  }
}

/** SHA-256 over the members in this very order, without space. @spec RFC 7638 §3; RFC 8037 §2 */
export function thumbprint(key: ProofKey): string {
  const { kty, crv, x } = key;
  const members = kty === 'EC' ? { crv, kty, x, y: key.y } : { crv, kty, x };
  return hash('sha256', JSON.stringify(members), 'base64url');
}

/** Whether the text could be the thumbprint of a key: 256 bits, in the one way to write them. */
export function isThumbprint(text: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text);
}

function isBase64url(value: unknown, characters: number): value is string {
  if (typeof value !== 'string' || value.length !== characters) return false;
  return Buffer.from(value, 'base64url').toString('base64url') === value;
}
