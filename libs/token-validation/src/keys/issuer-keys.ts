import type { KeyObject } from 'node:crypto';

/** What an access token may be signed with. Only asymmetric ones: with a shared secret, whoever verifies could also sign. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'PS256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

export interface VerificationKey {
  readonly id: string;
  /** The one algorithm that the key is for. The token does not get to choose. */
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
  /** Of the key itself: a key that is replaced under the same id is another key. */
  readonly fingerprint: string;
}

/** The issuer's published keys, as this process knows them. */
export abstract class IssuerKeys {
  /**
   * Undefined: the issuer publishes no such key.
   * @throws OAuthError temporarily_unavailable (keys_unavailable) when that cannot be known now
   */
  abstract find(id: string): Promise<VerificationKey | undefined>;

  /** Resolves when there are keys to verify with. @throws OAuthError temporarily_unavailable (keys_unavailable) */
  abstract ready(): Promise<void>;
}

/** Where the key set document comes from. */
export abstract class KeySetSource {
  /** The parsed JSON of the issuer's `jwks_uri`. Rejects when it cannot be had. */
  abstract fetch(): Promise<unknown>;
}
