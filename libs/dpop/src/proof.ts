import { secondsSinceEpoch } from '@gatehouse/protocol';
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import { hash } from 'node:crypto';
import { z } from 'zod';
import { DpopProblem } from './dpop-problem.js';
import type { DpopNonces } from './nonces.js';
import { isDpopAlgorithm, proofKey, publicKeyOf, thumbprint } from './proof-key.js';
import { namesUrl } from './proof-url.js';

/**
 * Seconds by which `iat` may lie before or after our time. Clocks of laptops differ, and the proposed DPoP profile of MCP
 * says five minutes; where that is too long, nonces shorten it. @spec RFC 9449 §11.1
 */
export const DPOP_WINDOW = 300;

const LONGEST = 4096;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export interface DpopRequest {
  /** The values of the header fields named DPoP, one a line as they came. */
  readonly proofs: readonly string[];
  readonly method: string;
  /** As it stands in the configuration; what Host and forwarding headers say decides nothing. */
  readonly url: string;
  readonly now: Date;
  /** The token that the proof comes with: the proof must name it. Absent where tokens are asked for. */
  readonly accessToken?: string;
  /** Present: the proof must carry a nonce of these. Absent: a nonce is not looked at. */
  readonly nonces?: DpopNonces;
  /** Seconds; at most, and by default, DPOP_WINDOW. */
  readonly maximumAge?: number;
}

/** A proof that holds. It was not looked up whether it has been used before: see `usableUntil`. */
export interface DpopProof {
  /** Thumbprint of the key that signed. */
  readonly jkt: string;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly nonce?: string;
  /** From then on it is refused for its age; until then whoever must see a proof only once remembers `jkt` and `jti`. */
  readonly usableUntil: Date;
}

const headers = z.object({
  typ: z.unknown().optional(),
  alg: z.unknown().optional(),
  jwk: z.record(z.string(), z.unknown()),
});

const claims = z.object({
  jti: z.string().min(1).max(512),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string().optional(),
  nonce: z.string().optional(),
});

/**
 * The checks of RFC 9449 §4.3, the ones that cost nothing first; signature last. What is left to the caller: whether the key
 * is the one that the token, the code or the grant is bound to, and whether the proof was used before.
 * Nothing in the header but `jwk` chooses a key; `kid`, `jku`, `x5u` and `x5c` are not looked at.
 * @throws DpopProblem
 */
export async function verifyDpopProof(request: DpopRequest): Promise<DpopProof> {
  const proof = onlyProof(request.proofs);
  const header = read(headers, () => decodeProtectedHeader(proof));
  if (header.typ !== 'dpop+jwt') throw new DpopProblem('dpop_proof_wrong_type');
  const { alg } = header;
  if (!isDpopAlgorithm(alg)) throw new DpopProblem('dpop_proof_wrong_algorithm');
  const key = proofKey(header.jwk, alg);

  const { jti, htm, htu, iat, ath, nonce } = read(claims, () => payloadOf(proof));
  // Methods are case-sensitive. @spec RFC 9110 §9.1
  if (htm !== request.method) throw new DpopProblem('dpop_proof_other_method');
  if (!namesUrl(htu, request.url)) throw new DpopProblem('dpop_proof_other_url');
  const window = Math.min(request.maximumAge ?? DPOP_WINDOW, DPOP_WINDOW);
  const now = secondsSinceEpoch(request.now);
  if (iat < now - window) throw new DpopProblem('dpop_proof_outdated');
  if (iat > now + window) throw new DpopProblem('dpop_proof_from_future');
  if (request.accessToken !== undefined && ath !== hash('sha256', request.accessToken, 'base64url'))
    throw new DpopProblem('dpop_proof_other_token');
  if (request.nonces) {
    if (nonce === undefined) throw new DpopProblem('missing_dpop_nonce');
    if (!request.nonces.accepts(nonce)) throw new DpopProblem('unknown_dpop_nonce');
  }

  try {
    await compactVerify(proof, publicKeyOf(key), { algorithms: [alg] });
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw new DpopProblem('dpop_proof_wrong_signature', { cause });
    throw cause;
  }
  return {
    jkt: thumbprint(key),
    jti,
    issuedAt: iat,
    ...(nonce === undefined ? {} : { nonce }),
    usableUntil: new Date((Math.floor(iat) + window + 1) * 1000),
  };
}

/** Two proofs would leave it to us which key counts; another party may have looked at the other. @spec RFC 9449 §4.3 (1), (2) */
function onlyProof(proofs: readonly string[]): string {
  const [proof, ...others] = proofs;
  if (proof === undefined) throw new DpopProblem('missing_dpop_proof');
  if (others.length > 0) throw new DpopProblem('several_dpop_proofs');
  if (proof.length > LONGEST || !COMPACT.test(proof)) throw new DpopProblem('malformed_dpop_proof');
  return proof;
}

function payloadOf(proof: string): unknown {
  return JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(proof.split('.')[1] ?? '', 'base64url')),
  );
}

function read<T extends z.ZodType>(schema: T, source: () => unknown): z.output<T> {
  try {
    return schema.parse(source());
  } catch (cause) {
    throw new DpopProblem('malformed_dpop_proof', { cause });
  }
}
