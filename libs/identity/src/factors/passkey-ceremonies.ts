import type { Passkey } from './factor.js';

/** What the browser's script hands to the authenticator, as JSON. */
export type CeremonyOptions = Readonly<Record<string, unknown>>;

/**
 * The rules of WebAuthn for one relying party: what is asked, and whether the answer is one. Everything else, whose key it is and
 * that a challenge counts once, is for the caller. Answers come as the text that the browser posted.
 * @spec WebAuthn Level 3 §7.1, §7.2
 */
export abstract class PasskeyCeremonies {
  /** Keys are for a domain: where the issuer is an address, there are none. */
  abstract readonly available: boolean;
  abstract askForNew(owner: {
    readonly accountId: string;
    readonly username: string;
    readonly displayName: string;
    readonly challenge: string;
    readonly known: readonly Passkey[];
  }): Promise<CeremonyOptions>;
  /** Undefined: not of this origin, relying party or challenge, not verified by its user, or no such answer at all. */
  abstract newKey(
    response: string,
    challenge: string,
  ): Promise<Pick<Passkey, 'credentialId' | 'publicKey' | 'counter'> | undefined>;

  /** `allowed` empty: whichever key of this relying party the person has. */
  abstract ask(challenge: string, allowed: readonly Passkey[]): Promise<CeremonyOptions>;
  /** Whose answer it claims to be; nothing is verified. */
  abstract credentialOf(response: string): string | undefined;
  /** The counter that goes with a good answer. Undefined: it is none. */
  abstract counterOf(response: string, challenge: string, passkey: Passkey): Promise<number | undefined>;
}
