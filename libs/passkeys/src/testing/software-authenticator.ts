import type { Passkey } from '@gatehouse/identity';
import { createHash, createSign, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

/** What a dishonest authenticator, page or browser might say instead. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly flags?: number;
  readonly counter?: number;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** One key pair and what an authenticator does with it, for tests that tell lies which no real one would tell. */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32).toString('base64url');
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  counter = 0;

  constructor(issuer: string) {
    this.#origin = issuer;
  }

  /** As the server would have stored it. */
  passkeyOf(accountId: Passkey['accountId'], createdAt: Date): Passkey {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const publicKey = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
    const { credentialId } = this;
    return {
      kind: 'passkey',
      id: randomUUID(),
      accountId,
      name: 'Key',
      credentialId,
      publicKey,
      counter: 0,
      createdAt,
    };
  }

  /** The answer as a browser posts it. */
  answer(challenge: string, lies: Lies = {}): string {
    const { origin = this.#origin, rpId = new URL(this.#origin).hostname, type = 'webauthn.get' } = lies;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? this.counter);
    const authenticatorData = Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      Buffer.of(lies.flags ?? USER_PRESENT | USER_VERIFIED),
      counter,
    ]);
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
    const signature = createSign('sha256')
      .update(authenticatorData)
      .update(createHash('sha256').update(clientData).digest())
      .sign(this.#keys.privateKey);
    return JSON.stringify({
      id: this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        authenticatorData: authenticatorData.toString('base64url'),
        clientDataJSON: clientData.toString('base64url'),
        signature: signature.toString('base64url'),
      },
    });
  }
}
