import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { hash, randomUUID } from 'node:crypto';

export interface ProofOf {
  readonly method?: string;
  readonly url: string;
  readonly at: Date;
  readonly accessToken?: string;
  readonly nonce?: string;
  /** Takes the place of what an honest client writes; undefined leaves the member out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface TestProofKey {
  readonly jwk: JWK;
  readonly privateJwk: JWK;
  /** Made by jose, not by the code under test. */
  readonly jkt: string;
  proof(of: ProofOf): Promise<string>;
}

/** A client's key with which specs make proofs, honest ones and others. */
export async function testProofKey(alg = 'ES256'): Promise<TestProofKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    jkt: await calculateJwkThumbprint(jwk),
    proof: async ({ method = 'POST', url, at, accessToken, nonce, claims, header }) =>
      new SignJWT({
        jti: randomUUID(),
        htm: method,
        htu: url,
        iat: Math.floor(at.getTime() / 1000),
        ...(nonce === undefined ? {} : { nonce }),
        ...(accessToken === undefined ? {} : { ath: hash('sha256', accessToken, 'base64url') }),
        ...claims,
      })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey),
  };
}
