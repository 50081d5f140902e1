import { type AuthorizationId, tokenHash } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { RefreshState } from './authorization.js';
import {
  firstRefreshToken,
  parseRefreshToken,
  placeOf,
  type RefreshToken,
  successorAgain,
  successorOf,
} from './refresh-token.js';

const AT = { rotatedAt: new Date(0), idleExpiresAt: new Date(1000) };
const pepper = randomBytes(32);
const parse = (text: string): RefreshToken => {
  const token = parseRefreshToken(text);
  if (!token) throw new Error('not a refresh token');
  return token;
};

/** A family after `rotations` rotations: all its tokens, and the state stored now. */
function family(rotations: number): { id: AuthorizationId; tokens: RefreshToken[]; state: RefreshState } {
  const id = randomUUID() as AuthorizationId;
  let { text, state } = firstRefreshToken(id, AT.idleExpiresAt);
  const tokens = [parse(text)];
  for (let count = 0; count < rotations; count += 1) {
    ({ text, state } = successorOf(parse(text), state, pepper, AT));
    tokens.push(parse(text));
  }
  return { id, tokens, state };
}

describe('a refresh token', () => {
  it('names its authorization and generation, and is stored as its hash only', () => {
    const { id, tokens, state } = family(2);
    expect(tokens.map(({ authorizationId }) => authorizationId)).toEqual([id, id, id]);
    expect(tokens.map(({ generation }) => generation)).toEqual([0, 1, 2]);
    expect(state).toMatchObject({ generation: 2, currentHash: tokens[2]?.hash, previousHash: tokens[1]?.hash });
    expect(tokens[2]?.hash).toBe(tokenHash(tokens[2]?.text ?? ''));
    expect(JSON.stringify(state)).not.toContain(Buffer.from(tokens[2]?.secret ?? []).toString('base64url'));
  });

  it('is read in one spelling only', () => {
    const [token] = family(0).tokens;
    const text = token?.text ?? '';
    const lastBits = text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
    for (const other of [` ${text}`, `${text}=`, text.slice(0, -1), `${text}A`, text.replace('ghr_', 'ghc_'), lastBits])
      expect(parseRefreshToken(other)).toBeUndefined();
    expect(parseRefreshToken(text.replace(/.(?=.{5}$)/, '+'))).toBeUndefined();
  });

  it('is not read into any text that is not one, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `ghr_${text}`),
        ),
        (text) => {
          expect(parseRefreshToken(text)).toBeUndefined();
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 68, maxLength: 68 }), (bytes) => {
        const text = `ghr_${Buffer.from(bytes).toString('base64url')}`;
        expect(parseRefreshToken(text)?.text).toBe(text);
      }),
    );
  });
});

describe('the place of a token in its family', () => {
  it('is known of every generation', () => {
    const { tokens, state } = family(4);
    expect(tokens.map((token) => placeOf(token, state))).toEqual(['older', 'older', 'older', 'previous', 'current']);
  });

  it('is nowhere once a single bit is wrong', () => {
    const { tokens, state } = family(3);
    fc.assert(
      fc.property(fc.constantFrom(...tokens), fc.nat(68 * 8 - 1), (token, bit) => {
        const bytes = Buffer.from(token.text.slice(4), 'base64url');
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const flipped = parse(`ghr_${bytes.toString('base64url')}`);
        expect(placeOf(flipped, state)).toBe('forged');
      }),
    );
  });

  it('is nowhere for a token of another family', () => {
    const [mine, other] = [family(2), family(2)];
    for (const token of other.tokens) expect(placeOf(token, mine.state)).toBe('forged');
    const renamed = Buffer.concat([
      Buffer.from(mine.id.replaceAll('-', ''), 'hex'),
      Buffer.from(other.tokens[1]?.text.slice(4) ?? '', 'base64url').subarray(16),
    ]);
    expect(placeOf(parse(`ghr_${renamed.toString('base64url')}`), mine.state)).toBe('forged');
  });

  it('is nowhere for what somebody with a copy of the row writes for a generation not replaced yet', () => {
    const { id, state } = family(2);
    const write = (generation: number) => {
      const head = Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), Buffer.alloc(4)]);
      head.writeUInt32BE(generation, 16);
      const body = Buffer.concat([head, randomBytes(32)]);
      const mac = createHmac('sha256', Buffer.from(state.replayKey, 'base64url')).update(body).digest().subarray(0, 16);
      return parse(`ghr_${Buffer.concat([body, mac]).toString('base64url')}`);
    };
    for (const generation of [1, 2, 3, 4_294_967_295]) expect(placeOf(write(generation), state)).toBe('forged');
  });
});

describe('a successor', () => {
  it('is found again by the token before it and the pepper that made it, even among newer ones', () => {
    const { tokens, state } = family(3);
    const peppers = [randomBytes(32), randomBytes(32), pepper];
    expect(successorAgain(tokens[2]!, state, peppers)).toBe(tokens[3]?.text);
  });

  it('is not found without the pepper, nor from an older token, nor from the row alone', () => {
    const { tokens, state } = family(3);
    expect(successorAgain(tokens[2]!, state, [randomBytes(32)])).toBeUndefined();
    expect(successorAgain(tokens[2]!, state, [])).toBeUndefined();
    expect(successorAgain(tokens[1]!, state, [pepper])).toBeUndefined();
    expect(successorAgain(tokens[2]!, { ...state, nonce: undefined }, [pepper])).toBeUndefined();
  });

  it('is another one at every attempt, so that the loser of a race holds nothing', () => {
    const { tokens, state } = family(0);
    const texts = Array.from({ length: 20 }, () => successorOf(tokens[0]!, state, pepper, AT).text);
    expect(new Set(texts).size).toBe(20);
  });
});
