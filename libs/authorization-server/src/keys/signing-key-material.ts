/** Makes, seals and opens the key pair behind a signing key. The private half exists outside a vault only in memory. */
import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyId } from '@gatehouse/protocol';
import { type JWK, calculateJwkThumbprint } from 'jose';
import type { KeyVault } from './key-vault.js';
import type { SealedSigningKey } from './signing-key.js';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: JWK;
}

export async function newSigningKey(
  vault: KeyVault,
  times: Pick<SealedSigningKey, 'publishedAt' | 'activatesAt'>,
): Promise<SealedSigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { id, publicJwk } = await describe(createPublicKey(privateKey));
  const sealedPrivateKey = vault.seal(privateKey.export({ type: 'pkcs8', format: 'der' }), contextOf(id));
  return { id, algorithm: 'ES256', publicJwk, ...times, sealedPrivateKey };
}

/**
 * The public half comes out of the sealed private key and its thumbprint must be the key's name. The public columns of
 * the row are not believed: who can write to the database, but has no key-encryption key, cannot publish a key of his own.
 * @throws Error when the sealed key does not open or is not the one the row names
 */
export async function openSigningKey(vault: KeyVault, key: SealedSigningKey): Promise<KeyPair> {
  const der = Buffer.from(vault.open(key.sealedPrivateKey, contextOf(key.id)));
  const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
  der.fill(0);
  const publicKey = createPublicKey(privateKey);
  const { id, publicJwk } = await describe(publicKey);
  if (id !== key.id) throw new Error('the sealed key is not the one its row names');
  return { privateKey, publicKey, publicJwk };
}

/** @spec RFC 7638 §3; RFC 7517 §4 */
async function describe(publicKey: KeyObject): Promise<{ id: KeyId; publicJwk: JWK }> {
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) throw new Error('not a P-256 key');
  const kid = await calculateJwkThumbprint({ kty, crv, x, y }, 'sha256');
  return { id: kid as KeyId, publicJwk: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' } };
}

function contextOf(id: KeyId): string {
  return `signing-key:${id}`;
}
