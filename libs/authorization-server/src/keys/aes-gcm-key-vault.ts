/**
 * KeyVault on AES-256-GCM. A sealed value is base64url( version | id of the key-encryption key | nonce | ciphertext | tag );
 * everything before the ciphertext and the context are authenticated with it. The key-encryption keys themselves touch
 * no data: each use has its own key by HKDF-SHA256, so nothing made for one use says anything about another.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KeyVault } from './key-vault.js';

const VERSION = 1;
const ID_LENGTH = 8;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 1 + ID_LENGTH;

interface Generation {
  readonly id: Buffer;
  readonly sealing: Buffer;
  readonly deriving: Uint8Array;
}

export class AesGcmKeyVault extends KeyVault {
  readonly #generations: readonly Generation[];
  readonly #newest: Generation;
  /** By purpose, and those are few and named in the code. */
  readonly #derived = new Map<string, readonly Uint8Array[]>();

  /** @param keys key-encryption keys, newest first: the first seals, all open */
  constructor(keys: readonly Uint8Array[]) {
    super();
    if (keys.some((key) => key.length !== 32)) throw new TypeError('a key-encryption key has 32 bytes');
    this.#generations = keys.map((key) => ({
      id: subkey(key, 'id', ID_LENGTH),
      sealing: subkey(key, 'seal', 32),
      deriving: Uint8Array.from(key),
    }));
    const newest = this.#generations[0];
    if (!newest) throw new TypeError('a vault needs a key-encryption key');
    this.#newest = newest;
  }

  override seal(plaintext: Uint8Array, context: string): string {
    const { id, sealing } = this.#newest;
    const header = Buffer.concat([Buffer.of(VERSION), id]);
    // 96 random bits collide with probability 2^-32 only after 2^32 seals; a key is sealed a few times a year.
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(bind(header, context));
    return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  override open(sealed: string, context: string): Uint8Array {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < HEADER_LENGTH + NONCE_LENGTH + TAG_LENGTH || bytes[0] !== VERSION)
      throw new Error('not a sealed value of a known version');
    const header = bytes.subarray(0, HEADER_LENGTH);
    const generation = this.#generations.find(({ id }) => id.equals(header.subarray(1)));
    if (!generation) throw new Error('sealed with a key-encryption key that is not listed');
    const nonce = bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH);
    const decipher = createDecipheriv('aes-256-gcm', generation.sealing, nonce, { authTagLength: TAG_LENGTH });
    decipher.setAAD(bind(header, context));
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
    return Buffer.concat([
      decipher.update(bytes.subarray(HEADER_LENGTH + NONCE_LENGTH, -TAG_LENGTH)),
      decipher.final(),
    ]);
  }

  override derive(purpose: string): readonly Uint8Array[] {
    const known = this.#derived.get(purpose);
    if (known) return known;
    const derived = this.#generations.map(({ deriving }) => subkey(deriving, `derive/${purpose}`, 32));
    this.#derived.set(purpose, derived);
    return derived;
  }
}

function bind(header: Uint8Array, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')]);
}

/** @spec RFC 5869 §2 (no salt: the key is uniformly random already) */
function subkey(key: Uint8Array, use: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(0), `gatehouse/${use}`, length));
}
