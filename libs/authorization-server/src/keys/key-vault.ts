/**
 * Seals private keys with AES-256-GCM under the key-encryption key. Purposes keep uses apart: what was sealed for one
 * cannot be opened for another, nor under another name.
 */
export abstract class KeyVault {
  /** `context` is authenticated with the ciphertext: a sealed key copied to another row does not open. */
  abstract seal(plaintext: Uint8Array, context: string): string;
  /** @throws Error when it was sealed with another key, for another context, or altered */
  abstract open(sealed: string, context: string): Uint8Array;
  /** 32 bytes for one purpose, the same on every replica. Newest first: after a change of the key-encryption key the old ones follow. */
  abstract derive(purpose: string): readonly Uint8Array[];
}
