import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type Clock, secondsSinceEpoch } from '@gatehouse/protocol';
import { CompactSign, type JWK } from 'jose';

export interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Another key than the one that is published under the header's kid. */
  readonly signedWith?: KeyObject;
}

/** An issuer with one key pair, which signs whatever a test wants it to. */
export class TestIssuer {
  readonly publicJwk: JWK;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;

  constructor(
    private readonly clock: Clock,
    readonly identifier = 'https://issuer.example/t1',
    readonly keyId = 'key-1',
  ) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'ES256' };
  }

  claims(audience: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const now = secondsSinceEpoch(this.clock.now());
    return {
      iss: this.identifier,
      sub: 'a-1',
      aud: audience,
      client_id: 'c-1',
      scope: 'invoices:read',
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      auth_time: now - 10,
      grant_id: '0198f5a0-0000-7000-8000-000000000001',
      ...more,
    };
  }

  /** A member of `undefined` in header or claims is left out. */
  token(audience: string, parts: TokenParts = {}): Promise<string> {
    const claims = this.claims(audience, parts.claims);
    const header = { typ: 'at+jwt', alg: 'ES256', kid: this.keyId, ...parts.header };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader(header)
      .sign(parts.signedWith ?? this.privateKey);
  }
}
