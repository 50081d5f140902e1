import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm, type VerificationKey } from './issuer-keys.js';

const document = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) });

/**
 * The usable keys of a JWK set, by id. What is for encryption, symmetric, weak, without an id, or made for an algorithm
 * that is not its own is left out; one odd key must not take the others with it.
 * @throws ZodError when it is no JWK set
 * @spec RFC 7517 §4, §5
 */
export function parseKeySet(json: unknown): ReadonlyMap<string, VerificationKey> {
  const keys = document.parse(json).keys.flatMap((jwk) => verificationKey(jwk) ?? []);
  // Of two with one id the first counts: a later addition cannot replace a key in silence.
  return new Map(keys.reverse().map((key) => [key.id, key]));
}

function verificationKey(jwk: Record<string, unknown>): VerificationKey | undefined {
  const { kid, use, alg, key_ops: operations } = jwk;
  if (typeof kid !== 'string' || kid === '' || (use !== undefined && use !== 'sig')) return undefined;
  if (Array.isArray(operations) && !operations.includes('verify')) return undefined;
  if (jwk['kty'] === 'oct' || 'd' in jwk) return undefined;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
  const possible = algorithmsOf(key);
  const algorithm = alg === undefined ? possible[0] : possible.find((name) => name === alg);
  if (algorithm === undefined) return undefined;
  return {
    id: kid,
    algorithm,
    key,
    fingerprint: hash('sha256', key.export({ type: 'spki', format: 'der' }), 'base64url'),
  };
}

const CURVES: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

function algorithmsOf(key: KeyObject): readonly SignatureAlgorithm[] {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'ed25519') return ['EdDSA'];
  if (key.asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) >= 2048 ? ['RS256', 'PS256'] : [];
  const curve = details?.namedCurve;
  const algorithm = curve === undefined ? undefined : CURVES[curve];
  return algorithm === undefined ? [] : [algorithm];
}

export function isSignatureAlgorithm(name: unknown): name is SignatureAlgorithm {
  return SIGNATURE_ALGORITHMS.some((known) => known === name);
}
