import { type KeyRing, Signer } from '@gatehouse/authorization-server';
import type { JwtService } from '@nestjs/jwt';

/**
 * Signs through @nestjs/jwt with the key ring's current key, a KeyObject: the private key is never text, and nothing is
 * imported for a signature. The synchronous call, for one core gains nothing by the thread pool at ES256, and each hop costs.
 * @spec RFC 7515 §5.1, §7.1
 * @see docs/decisions/0020-cost-of-a-request.md
 */
export class JwtSigner extends Signer {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: KeyRing,
  ) {
    super();
  }

  override async sign(claims: Readonly<Record<string, unknown>>, typ: string): Promise<string> {
    const { id, algorithm, privateKey } = await this.keys.signingKey();
    return this.jwt.sign(claims, { privateKey, algorithm, keyid: id, header: { alg: algorithm, typ } });
  }
}
