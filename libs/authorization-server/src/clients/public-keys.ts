import type { JWK } from 'jose';
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ClientKeySet } from './client.js';

/**
 * Which keys of clients are accepted, and for which algorithm. Asymmetric ones only: with a shared key the server could
 * sign as its clients, and a public key must never be taken for a shared one.
 */
const ALGORITHMS: Readonly<Record<string, readonly [kty: string, crv?: string]>> = {
  ES256: ['EC', 'P-256'],
  ES384: ['EC', 'P-384'],
  ES512: ['EC', 'P-521'],
  PS256: ['RSA'],
  RS256: ['RSA'],
  EdDSA: ['OKP', 'Ed25519'],
  Ed25519: ['OKP', 'Ed25519'],
};

/** @spec RFC 8414 §2 (`none` is no algorithm) */
export const CLIENT_ASSERTION_ALGORITHMS: readonly string[] = Object.keys(ALGORITHMS);

const MOST_KEYS = 20;
const LONGEST_SET = 32_768;
/** A longer modulus is no gain and makes every verification dear. */
const RSA_BITS = { least: 2048, most: 8192 };
/** With e = 1 everybody signs; a verification costs as many steps as the exponent has bits. All real keys have 3 or 65537. */
const RSA_EXPONENT = { least: 3n, most: 0xffff_ffffn };
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const KEPT = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg'] as const;

/**
 * The keys of a JWK set that can verify assertions, without the members that nobody needs. Keys for other purposes are
 * left out. Undefined when nothing is left, when it is no key set, or when it holds a private or symmetric key: whoever
 * sends that around has lost it.
 * @spec RFC 7517 §4, §5
 */
export function readPublicKeys(set: unknown): readonly JWK[] | undefined {
  const keys: unknown = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) return undefined;
  if (JSON.stringify(keys).length > LONGEST_SET) return undefined;
  if (!keys.every((key) => isObject(key) && !SECRET_MEMBERS.some((name) => name in key) && key['kty'] !== 'oct'))
    return undefined;
  const usable = keys.filter(isUsable).map(kept);
  return usable.length > 0 ? usable : undefined;
}

/** The keys that may have made a signature with this header. A `kid` only narrows the choice among registered keys. */
export function candidatesFor(
  keys: readonly JWK[],
  { alg, kid }: { readonly alg: string; readonly kid?: string | undefined },
): readonly JWK[] {
  return keys.filter(
    (key) =>
      fits(key, alg) &&
      (key.alg === undefined || sameAlgorithm(key.alg, alg)) &&
      (kid === undefined || key.kid === undefined || key.kid === kid),
  );
}

/** Whether one of the keys fits the algorithm; of keys that are published elsewhere, which may change, it is believed. */
export function canSignWith(keys: ClientKeySet, alg: string): boolean {
  return 'jwksUri' in keys || candidatesFor(keys.jwks, { alg }).length > 0;
}

export function publicKeyOf(key: JWK): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}

/** A place where a client may publish its keys; what is behind it is checked when it is fetched. */
export function isKeySetUri(uri: unknown): uri is string {
  if (typeof uri !== 'string' || !/^https:\/\/[\x21-\x7e]{1,1000}$/.test(uri) || !URL.canParse(uri)) return false;
  const { username, password, hash } = new URL(uri);
  return username === '' && password === '' && hash === '';
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUsable(key: Json): boolean {
  if (!KEPT.every((name) => key[name] === undefined || typeof key[name] === 'string')) return false;
  if (key['use'] !== undefined && key['use'] !== 'sig') return false;
  const operations = key['key_ops'];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  const jwk = kept(key);
  if (!CLIENT_ASSERTION_ALGORITHMS.some((alg) => fits(jwk, alg))) return false;
  try {
    const { modulusLength: bits, publicExponent: exponent } = publicKeyOf(jwk).asymmetricKeyDetails ?? {};
    return isWithin(bits, RSA_BITS) && isWithin(exponent, RSA_EXPONENT);
  } catch {
    return false;
  }
}

function isWithin<T extends number | bigint>(size: T | undefined, { least, most }: { least: T; most: T }): boolean {
  return size === undefined || (size >= least && size <= most);
}

function kept(key: Json): JWK {
  return Object.fromEntries(KEPT.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]])));
}

function fits({ kty, crv }: JWK, alg: string): boolean {
  const wanted = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
  return wanted !== undefined && kty === wanted[0] && (wanted[1] === undefined || crv === wanted[1]);
}

/** Two names of one thing. @spec RFC 9864 §2.2 */
export function sameAlgorithm(a: string, b: string): boolean {
  const name = (alg: string): string => (alg === 'EdDSA' ? 'Ed25519' : alg);
  return name(a) === name(b);
}
