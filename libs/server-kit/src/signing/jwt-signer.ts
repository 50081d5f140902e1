import { type CurrentSigningKey, type KeyRing, Signer } from '@gatehouse/authorization-server';
import { sign } from 'node:crypto';

/** `typ` and `kid` come from our own code and rows, so there are few; more than this would be a mistake. */
const MOST_HEADERS = 100;

/**
 * Signs with the key ring's current key, a KeyObject: the private key is never text. A compact JWS is three texts and one
 * signature, made here without a library, for the library costs as much again as the signature.
 * @spec RFC 7515 §5.1, §7.1; RFC 7518 §3.4
 * @see docs/decisions/0020-cost-of-a-request.md
 */
export class JwtSigner extends Signer {
  readonly #headers = new Map<string, string>();

  constructor(private readonly keys: KeyRing) {
    super();
  }

  override async sign(claims: Readonly<Record<string, unknown>>, typ: string): Promise<string> {
    const key = await this.keys.signingKey();
    const input = `${this.#header(key, typ)}.${base64url(claims)}`;
    // As two numbers of fixed length side by side, not as ASN.1. @spec RFC 7518 §3.4
    const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  /** The same for all tokens of a key and type. */
  #header({ id, algorithm }: CurrentSigningKey, typ: string): string {
    const name = JSON.stringify([id, typ]);
    const known = this.#headers.get(name);
    if (known !== undefined) return known;
    const header = base64url({ alg: algorithm, typ, kid: id });
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear();
    this.#headers.set(name, header);
    return header;
  }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
