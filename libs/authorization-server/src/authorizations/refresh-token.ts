import { type AuthorizationId, type TokenHash, hmacSha256, sameHash, tokenHash } from '@gatehouse/protocol';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { RefreshState } from './authorization.js';

/*
 * What a refresh token is made of, and how one follows from another. Pure, but for the random bytes of new ones.
 *
 *   "ghr_" base64url( authorization id 16 | generation, uint32 BE 4 | secret 32 | mac 16 )
 *
 * The id finds the one row of the family, the secret makes the token, and the mac proves of any generation that it was
 * issued here, without keeping old tokens: so a replay ends the family, and a token that merely names a family does not.
 *
 * A successor's secret is computed from its predecessor's, a nonce in the row and the server's pepper. A client that
 * lost the answer can therefore be given the same successor again, though only its hash is stored. Neither a copy of
 * the database nor a spent token nor both are enough to compute it.
 */

const PREFIX = 'ghr_';
const ID = 16;
const GENERATION = 4;
const SECRET = 32;
const MAC = 16;
const BYTES = ID + GENERATION + SECRET + MAC;
const SUCCESSOR = Buffer.from('refresh-successor');
const TEXT_LENGTH = PREFIX.length + Math.ceil((BYTES * 4) / 3);

export interface RefreshToken {
  readonly text: string;
  readonly hash: TokenHash;
  readonly authorizationId: AuthorizationId;
  readonly generation: number;
  readonly secret: Uint8Array;
  readonly mac: Uint8Array;
}

/** Undefined for anything that `write` cannot have written, a second spelling of the same bytes included. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  if (text.length !== TEXT_LENGTH || !text.startsWith(PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== BYTES || PREFIX + bytes.toString('base64url') !== text) return undefined;
  return {
    text,
    hash: tokenHash(text),
    authorizationId: uuidOf(bytes.subarray(0, ID)),
    generation: bytes.readUInt32BE(ID),
    secret: bytes.subarray(ID + GENERATION, ID + GENERATION + SECRET),
    mac: bytes.subarray(BYTES - MAC),
  };
}

/** The first token of a new family, and the state to store with the authorization. */
export function firstRefreshToken(
  id: AuthorizationId,
  idleExpiresAt: Date,
): { readonly text: string; readonly state: RefreshState } {
  const replayKey = randomBytes(32).toString('base64url');
  const text = write(id, 0, randomBytes(SECRET), replayKey);
  return { text, state: { generation: 0, currentHash: tokenHash(text), replayKey, idleExpiresAt } };
}

/** The token that follows `presented`, and the state to store when it does. */
export function successorOf(
  presented: RefreshToken,
  state: RefreshState,
  pepper: Uint8Array,
  at: { readonly rotatedAt: Date; readonly idleExpiresAt: Date },
): { readonly text: string; readonly state: RefreshState } {
  const nonce = randomBytes(32).toString('base64url');
  const text = successorText(presented, state.replayKey, nonce, pepper);
  return {
    text,
    state: {
      generation: presented.generation + 1,
      currentHash: tokenHash(text),
      previousHash: presented.hash,
      nonce,
      replayKey: state.replayKey,
      ...at,
    },
  };
}

/**
 * The current token, computed again from the one before it. Undefined when none of the peppers was the one that made
 * it: another replica may know it.
 */
export function successorAgain(
  previous: RefreshToken,
  state: RefreshState,
  peppers: readonly Uint8Array[],
): string | undefined {
  const { nonce, replayKey, currentHash } = state;
  if (nonce === undefined) return undefined;
  return peppers
    .map((pepper) => successorText(previous, replayKey, nonce, pepper))
    .find((text) => sameHash(tokenHash(text), currentHash));
}

/**
 * Where a presented token stands in its family. `forged`: it was never issued here, whatever it says of itself; that
 * includes a sound mac on a generation that is not yet reached, as somebody with a copy of the database could write it.
 */
export type RefreshTokenPlace = 'current' | 'previous' | 'older' | 'forged';

export function placeOf(token: RefreshToken, state: RefreshState): RefreshTokenPlace {
  const mac = macOf(token.authorizationId, token.generation, token.secret, state.replayKey);
  if (!timingSafeEqual(mac, token.mac)) return 'forged';
  if (sameHash(token.hash, state.currentHash)) return 'current';
  if (state.previousHash !== undefined && sameHash(token.hash, state.previousHash)) return 'previous';
  return token.generation < state.generation - 1 ? 'older' : 'forged';
}

function successorText(previous: RefreshToken, replayKey: string, nonce: string, pepper: Uint8Array): string {
  const secret = hmacSha256(pepper, SUCCESSOR, previous.secret, Buffer.from(nonce, 'base64url'));
  return write(previous.authorizationId, previous.generation + 1, secret, replayKey);
}

function write(id: AuthorizationId, generation: number, secret: Uint8Array, replayKey: string): string {
  const mac = macOf(id, generation, secret, replayKey);
  return PREFIX + Buffer.concat([head(id, generation), secret, mac]).toString('base64url');
}

function macOf(id: AuthorizationId, generation: number, secret: Uint8Array, replayKey: string): Buffer {
  return hmacSha256(Buffer.from(replayKey, 'base64url'), head(id, generation), secret).subarray(0, MAC);
}

function head(id: AuthorizationId, generation: number): Buffer {
  const bytes = Buffer.alloc(ID + GENERATION);
  bytes.write(id.replaceAll('-', ''), 'hex');
  bytes.writeUInt32BE(generation, ID);
  return bytes;
}

function uuidOf(bytes: Buffer): AuthorizationId {
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join('-') as AuthorizationId;
}
