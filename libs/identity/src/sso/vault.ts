/**
 * Seals what must be read again and must not be read in the database: secrets of providers, what is remembered of a login.
 * The authorization server's key vault is one; this core does not know that other one.
 */
export abstract class Vault {
  /** `context` is authenticated with it: what is sealed for one use or name opens for no other. */
  abstract seal(plaintext: Uint8Array, context: string): string;
  /** @throws Error when it was sealed with another key, for another context, or altered */
  abstract open(sealed: string, context: string): Uint8Array;
}
