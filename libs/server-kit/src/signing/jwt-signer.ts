import { type CurrentSigningKey, type KeyRing, Signer } from '@gatehouse/authorization-server';
import { sign } from 'node:crypto';

/** `typ` and `kid` come from our own code and rows, so there are few; more than this would be a mistake. */
const MOST_HEADERS = 100;

/**
 * Signs with the key ring's current key, a KeyObject: the private key is never text. A compact JWS is three texts and one
 * signature, made here without a library, for the library costs as much again as the signature.
 * @spec RFC 7515 §5.1, §7.1
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
    const signature = fixedLength(sign('sha256', Buffer.from(input), key.privateKey));
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

/**
 * The two numbers of an ES256 signature side by side, 32 bytes each, out of the ASN.1 in which OpenSSL writes them: SEQUENCE
 * { INTEGER r, INTEGER s }, each number with a zero before it or without those it begins with. Node can do it too
 * (`ieee-p1363`), for the price of a second signature.
 * @spec RFC 7518 §3.4
 */
function fixedLength(asn1: Buffer): Buffer {
  const fixed = Buffer.alloc(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = asn1[at + 1] ?? 0;
    const number = asn1.subarray(at + 2, at + 2 + length);
    const digits = number.subarray(Math.max(0, length - 32));
    fixed.set(digits, end - digits.length);
    at += 2 + length;
  }
  return fixed;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
