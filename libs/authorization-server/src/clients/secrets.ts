import { type SecretHash, hmacSha256, sameHash } from '@gatehouse/protocol';
import type { KeyVault } from '../keys/key-vault.js';
import type { ClientSecret } from './client.js';

/** The same secret under two keys. */
export interface SecretRenewal {
  readonly from: SecretHash;
  readonly to: SecretHash;
}

export type SecretMatch = 'match' | 'expired' | 'wrong';

/**
 * Secrets of clients and resource servers, which are stored as a fast keyed hash: they are 256 random bits, so there is
 * nothing that slowness would protect, and without the key a copy of the database does not even let one test a secret
 * that was found elsewhere, nor can anybody who may write to the database put a hash there that opens a door.
 * The key comes from the key-encryption keys; while an older one is listed, secrets stored under it are still good, and
 * each is stored anew under the newest when it is used.
 * @see docs/decisions/0010-client-secrets.md
 */
export class Secrets {
  readonly #newest: Uint8Array;
  readonly #keys: readonly Uint8Array[];

  constructor(vault: KeyVault) {
    this.#keys = vault.derive('client-secret');
    const [newest] = this.#keys;
    if (!newest) throw new TypeError('secrets need a key');
    this.#newest = newest;
  }

  /** The form in which `secret` is stored. */
  hash(secret: string): SecretHash {
    return hashWith(this.#newest, secret);
  }

  /** Does `presented` match one of the stored secrets, and is that one still good? Of several matches the best counts. */
  match(presented: string, stored: readonly ClientSecret[], now: Date): SecretMatch {
    if (stored.length === 0) return 'wrong';
    const hashes = this.#keys.map((key) => hashWith(key, presented));
    const matching = stored.filter((secret) => hashes.some((hash) => sameHash(secret.hash, hash)));
    if (matching.some(({ expiresAt }) => expiresAt === undefined || now < expiresAt)) return 'match';
    return matching.length > 0 ? 'expired' : 'wrong';
  }

  /** How `presented`, which matches, is to be stored from now on; undefined: it is stored under the newest key. */
  renewal(presented: string, stored: readonly ClientSecret[]): SecretRenewal | undefined {
    const older = this.#keys.slice(1);
    if (older.length === 0) return undefined;
    const to = this.hash(presented);
    if (stored.some(({ hash }) => sameHash(hash, to))) return undefined;
    const from = older
      .map((key) => hashWith(key, presented))
      .find((known) => stored.some(({ hash }) => sameHash(hash, known)));
    return from && { from, to };
  }
}

function hashWith(key: Uint8Array, secret: string): SecretHash {
  return hmacSha256(key, Buffer.from(secret)).toString('base64url') as SecretHash;
}
