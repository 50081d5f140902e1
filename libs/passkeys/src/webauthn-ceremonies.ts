/**
 * PasskeyCeremonies by @simplewebauthn/server. The relying party is the host of the issuer, and answers come from its origin
 * and no other; the authenticator must have verified its user each time. No attestation is asked for: which make of key a
 * person has is theirs to choose.
 */
import { type CeremonyOptions, type Passkey, PasskeyCeremonies } from '@gatehouse/identity';
import { isIP } from 'node:net';
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';

const TIMEOUT = 120_000;
const LONGEST_RESPONSE = 20_000;
/** Ed25519, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257];

export class WebauthnCeremonies extends PasskeyCeremonies {
  override readonly available: boolean;
  readonly #rpId: string;
  readonly #origin: string;

  constructor(issuer: string) {
    super();
    const { hostname, origin } = new URL(issuer);
    this.#rpId = hostname;
    this.available = isIP(hostname) === 0 && !hostname.startsWith('[');
    this.#origin = origin;
  }

  override async askForNew(owner: {
    readonly accountId: string;
    readonly username: string;
    readonly displayName: string;
    readonly challenge: string;
    readonly known: readonly Passkey[];
  }): Promise<CeremonyOptions> {
    const options = await generateRegistrationOptions({
      rpName: this.#rpId,
      rpID: this.#rpId,
      userID: Uint8Array.from(Buffer.from(owner.accountId)),
      userName: owner.username,
      userDisplayName: owner.displayName,
      challenge: bytesOf(owner.challenge),
      timeout: TIMEOUT,
      attestationType: 'none',
      excludeCredentials: owner.known.map(({ credentialId }) => ({ id: credentialId })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return { ...options };
  }

  override async newKey(
    text: string,
    challenge: string,
  ): Promise<Pick<Passkey, 'credentialId' | 'publicKey' | 'counter'> | undefined> {
    const response = parse(text) as RegistrationResponseJSON | undefined;
    if (!response) return undefined;
    try {
      const { registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      });
      if (!registrationInfo) return undefined;
      const { id, publicKey, counter } = registrationInfo.credential;
      return { credentialId: id, publicKey, counter };
    } catch {
      // The library throws for everything that is not as expected; what it was, only an attacker would want to know.
      return undefined;
    }
  }

  override async ask(challenge: string, allowed: readonly Passkey[]): Promise<CeremonyOptions> {
    const options = await generateAuthenticationOptions({
      rpID: this.#rpId,
      challenge: bytesOf(challenge),
      timeout: TIMEOUT,
      userVerification: 'required',
      allowCredentials: allowed.map(({ credentialId }) => ({ id: credentialId })),
    });
    return { ...options };
  }

  override credentialOf(text: string): string | undefined {
    const id = parse(text)?.['id'];
    return typeof id === 'string' && /^[\w-]{1,1400}$/.test(id) ? id : undefined;
  }

  override async counterOf(text: string, challenge: string, passkey: Passkey): Promise<number | undefined> {
    const response = parse(text) as AuthenticationResponseJSON | undefined;
    if (!response) return undefined;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        credential: {
          id: passkey.credentialId,
          publicKey: Uint8Array.from(passkey.publicKey),
          // The store compares: it does so for parallel answers too.
          counter: 0,
        },
      });
      return verified ? authenticationInfo.newCounter : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The browser is given what our text stands for: that it signs, and so it comes back spelled as it was. */
function bytesOf(challenge: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(challenge, 'base64url'));
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > LONGEST_RESPONSE) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
