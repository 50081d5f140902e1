/**
 * What a client of the official MCP SDK needs to speak DPoP. The SDK (v1, and v2 as of 2.4) knows the error codes but makes no
 * proofs and always writes `Bearer`; it takes a fetch, though, and this is one: it adds a proof to token requests,
 * sends tokens that are bound to its key under their own scheme, and answers a demand for a nonce once.
 * @spec RFC 9449 §4.2, §5, §7.1, §8, §9
 */
import { hash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { claimsOf } from './oauth-flow.js';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export class DpopFetch {
  /** By origin: authorization server and resource server have each their own. */
  readonly #nonces = new Map<string, string>();

  private constructor(
    readonly jkt: string,
    private readonly jwk: JWK,
    private readonly privateKey: CryptoKey,
    private readonly inner: Fetch,
  ) {}

  /** With a new key. */
  static async create(inner: Fetch = fetch): Promise<DpopFetch> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    return new DpopFetch(await calculateJwkThumbprint(jwk), jwk, privateKey, inner);
  }

  readonly fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const again = request.clone();
    const response = await this.#send(request);
    // Only a nonce that we did not know is a reason to try again.
    const refused = response.status === 401 || response.status === 400;
    if (!refused || !(await asksForNonce(response))) return response;
    return this.#send(again);
  };

  /** The nonce to use with the server of `url` from now on. */
  learn(url: string, nonce: string): void {
    this.#nonces.set(new URL(url).origin, nonce);
  }

  /** For a test that makes its requests by hand. */
  async proof(method: string, url: string, accessToken?: string): Promise<string> {
    const { origin, pathname } = new URL(url);
    const nonce = this.#nonces.get(origin);
    return new SignJWT({
      jti: randomUUID(),
      htm: method,
      htu: origin + pathname,
      ...(nonce === undefined ? {} : { nonce }),
      ...(accessToken === undefined ? {} : { ath: hash('sha256', accessToken, 'base64url') }),
    })
      .setIssuedAt()
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.jwk })
      .sign(this.privateKey);
  }

  async #send(request: Request): Promise<Response> {
    const token = this.#ownToken(request.headers.get('authorization'));
    if (token !== undefined) request.headers.set('authorization', `DPoP ${token}`);
    if (token !== undefined || (await isTokenRequest(request)))
      request.headers.set('dpop', await this.proof(request.method, request.url, token));
    const response = await this.inner(request);
    const nonce = response.headers.get('dpop-nonce');
    if (nonce !== null) this.learn(request.url, nonce);
    return response;
  }

  /** The token, if it is bound to our key; others stay as they are. */
  #ownToken(authorization: string | null): string | undefined {
    const token = /^bearer (.+\..+\..+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const confirmation = claimsOf(token)['cnf'] as { jkt?: string } | undefined;
    return confirmation?.jkt === this.jkt ? token : undefined;
  }
}

async function isTokenRequest(request: Request): Promise<boolean> {
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return false;
  return new URLSearchParams(await request.clone().text()).has('grant_type');
}

async function asksForNonce(response: Response): Promise<boolean> {
  if (response.headers.get('www-authenticate')?.includes('error="use_dpop_nonce"') === true) return true;
  const body = await response.clone().text();
  return response.status === 400 && body.includes('"use_dpop_nonce"');
}
