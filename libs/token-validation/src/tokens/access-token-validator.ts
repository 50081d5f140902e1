import { after, type Clock, OAuthError, type ResourceIdentifier } from '@gatehouse/protocol';
import { compactVerify, errors } from 'jose';
import type { IssuerKeys, SignatureAlgorithm, VerificationKey } from '../keys/issuer-keys.js';
import { isSignatureAlgorithm } from '../keys/key-set.js';
import type { Principal } from '../principal.js';
import { type AccessTokenClaims, readClaims } from './access-token-claims.js';
import { parseObject, readHeader } from './access-token-header.js';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.js';

export interface AccessTokenPolicy {
  /** Byte-exact, as the issuer's metadata has it. */
  readonly issuer: string;
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How long after its end a token is still taken. Every second is one that a stolen token lives longer. */
  readonly clockSkewSeconds?: number;
}

const MAX_SKEW = 30;

/**
 * How far ahead of ours the clock of an issuer's replica may be. Generous, for refusing a token as too young stops no
 * thief, and would lock its owner out from the moment of issue.
 */
const ISSUER_AHEAD = 60;

/**
 * Turns an access token into a principal of one resource, or refuses it. One issuer, given by configuration; its keys, and no
 * others; exactly this resource. Whether the token was revoked is TokenLiveness's question, what it allows the guard's.
 * @spec RFC 9068 §4
 */
export class AccessTokenValidator {
  readonly #algorithms: readonly SignatureAlgorithm[];
  readonly #skew: number;
  readonly #verified: VerifiedTokens;

  /** @throws TypeError for an algorithm that is not asymmetric, or a skew beyond 30 s */
  constructor(
    private readonly policy: AccessTokenPolicy,
    private readonly keys: IssuerKeys,
    private readonly clock: Clock,
  ) {
    this.#algorithms = policy.algorithms ?? ['ES256'];
    this.#skew = policy.clockSkewSeconds ?? 5;
    if (this.#algorithms.length === 0 || !this.#algorithms.every(isSignatureAlgorithm))
      throw new TypeError('only asymmetric algorithms verify access tokens');
    if (!(this.#skew >= 0 && this.#skew <= MAX_SKEW)) throw new TypeError('a clock skew is 0 to 30 seconds');
    this.#verified = new VerifiedTokens(clock);
  }

  /** @throws OAuthError invalid_token, or temporarily_unavailable when the issuer's keys cannot be had */
  async validate(token: string, resource: ResourceIdentifier): Promise<Principal> {
    const claims = (await this.#remembered(token)) ?? (await this.#verify(token));
    // A token of a sibling, of a longer or shorter path, or in another spelling is a token for somebody else.
    if (!claims.audiences.includes(resource)) throw new OAuthError('invalid_token', 'wrong_audience');
    return {
      subject: claims.subject,
      clientId: claims.clientId,
      scopes: claims.scopes,
      authorizationId: claims.authorizationId,
      tokenId: claims.tokenId,
      expiresAt: claims.expiresAt,
      authenticatedAt: claims.authenticatedAt,
      acr: claims.acr,
      boundTo: claims.boundTo,
      actor: claims.actors[0],
      priorActors: claims.actors.slice(1),
      resource,
    };
  }

  async #remembered(token: string): Promise<AccessTokenClaims | undefined> {
    const entry = this.#verified.get(token);
    if (!entry) return undefined;
    // A key that the issuer withdrew takes with it all it has signed.
    const key = await this.keys.find(entry.key.id);
    if (key?.fingerprint === entry.key.fingerprint) return entry.claims;
    this.#verified.delete(token);
    return undefined;
  }

  async #verify(token: string): Promise<AccessTokenClaims> {
    const { keyId, algorithm } = readHeader(token, this.#algorithms);
    const key = await this.keys.find(keyId);
    if (!key) throw new OAuthError('invalid_token', 'unknown_key');
    if (key.algorithm !== algorithm) throw new OAuthError('invalid_token', 'wrong_algorithm');
    const claims = readClaims(parseObject(await verifiedPayload(token, key)));
    if (claims.issuer !== this.policy.issuer) throw new OAuthError('invalid_token', 'wrong_issuer');
    this.#checkTimes(claims);
    this.#remember(token, { claims, key });
    return claims;
  }

  #checkTimes(claims: AccessTokenClaims): void {
    const now = this.clock.now();
    if (after(claims.expiresAt, this.#skew) <= now) throw new OAuthError('invalid_token', 'access_token_expired');
    const latest = after(now, ISSUER_AHEAD);
    if (claims.issuedAt > latest || (claims.notBefore !== undefined && claims.notBefore > latest))
      throw new OAuthError('invalid_token', 'access_token_not_yet_valid');
  }

  #remember(token: string, verified: VerifiedToken): void {
    this.#verified.put(token, verified, after(verified.claims.expiresAt, this.#skew));
  }
}

async function verifiedPayload(token: string, key: VerificationKey): Promise<Uint8Array> {
  try {
    const { payload } = await compactVerify(token, key.key, { algorithms: [key.algorithm] });
    return payload;
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    const wrong = cause instanceof errors.JWSSignatureVerificationFailed;
    throw new OAuthError('invalid_token', wrong ? 'wrong_signature' : 'malformed_access_token', { cause });
  }
}
