import { type KeyRing, Signer } from '@gatehouse/authorization-server';
import type { JwtService } from '@nestjs/jwt';

/** Signs through @nestjs/jwt with the key ring's current key, a KeyObject: the private key is never text. */
export class JwtSigner extends Signer {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: KeyRing,
  ) {
    super();
  }

  override async sign(claims: Readonly<Record<string, unknown>>, typ: string): Promise<string> {
    const { id, algorithm, privateKey } = await this.keys.signingKey();
    return this.jwt.signAsync({ ...claims }, { privateKey, algorithm, keyid: id, header: { alg: algorithm, typ } });
  }
}
