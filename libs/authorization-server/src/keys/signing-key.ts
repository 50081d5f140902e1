import type { KeyId } from '@gatehouse/protocol';
import type { JWK } from 'jose';

/**
 * A signing key and its life: published from `publishedAt`, signs from `activatesAt` until the next key does,
 * stays published until `withdrawAt` (set when its successor is published), so that its last token can still be checked.
 */
export interface SigningKey {
  readonly id: KeyId;
  readonly algorithm: 'ES256';
  /** Public members only, with kid, use and alg. */
  readonly publicJwk: JWK;
  readonly publishedAt: Date;
  readonly activatesAt: Date;
  readonly withdrawAt?: Date;
}

export interface SealedSigningKey extends SigningKey {
  /** Private key (PKCS#8 DER) under AES-256-GCM, see SealedBox. */
  readonly sealedPrivateKey: string;
}
