import { after, type ClientId, secondsSinceEpoch } from '@gatehouse/protocol';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { CLIENT_ASSERTION_TYPE } from '../clients/client-assertion.js';

/** What a client that authenticates by `private_key_jwt` holds, and the assertions it makes: honest ones unless changed. */
export class SigningClient {
  private constructor(
    readonly alg: string,
    readonly publicJwk: JWK,
    readonly privateKey: CryptoKey,
  ) {}

  static async create(alg = 'ES256', kid = `k-${randomUUID()}`): Promise<SigningClient> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return new SigningClient(alg, { ...(await exportJWK(publicKey)), kid }, privateKey);
  }

  async assertion(
    of: { readonly id: ClientId; readonly issuer: string; readonly now: Date },
    changes: {
      readonly claims?: Readonly<Record<string, unknown>>;
      readonly header?: Readonly<Record<string, unknown>>;
    } = {},
  ): Promise<string> {
    const iat = secondsSinceEpoch(of.now);
    const exp = secondsSinceEpoch(after(of.now, 60));
    const claims = { iss: of.id, sub: of.id, aud: of.issuer, iat, exp, jti: randomUUID(), ...changes.claims };
    const header = { alg: this.alg, kid: this.publicJwk.kid, ...changes.header };
    return new SignJWT(defined(claims))
      .setProtectedHeader(defined(header) as JWTHeaderParameters)
      .sign(this.privateKey);
  }

  async parameters(
    of: { readonly id: ClientId; readonly issuer: string; readonly now: Date },
    changes: Parameters<SigningClient['assertion']>[1] = {},
  ): Promise<{ readonly client_assertion: string; readonly client_assertion_type: string }> {
    return {
      client_assertion: await this.assertion(of, changes),
      client_assertion_type: CLIENT_ASSERTION_TYPE,
    };
  }
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
