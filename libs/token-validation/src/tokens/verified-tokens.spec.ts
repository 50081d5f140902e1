import { describe, expect, it } from '@jest/globals';
import { after } from '@gatehouse/protocol';
import { StoppedClock } from '../testing/index.js';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.js';

const entry = { claims: {}, key: {} } as VerifiedToken;

describe('the store of verified tokens', () => {
  it('keeps an entry no longer than its token lives, and never beyond five minutes', () => {
    const clock = new StoppedClock();
    const tokens = new VerifiedTokens(clock);
    tokens.put('short', entry, after(clock.now(), 10));
    tokens.put('long', entry, after(clock.now(), 86_400));
    clock.advance(9);
    expect(tokens.get('short')).toMatchObject(entry);
    clock.advance(1);
    expect(tokens.get('short')).toBeUndefined();
    clock.advance(289);
    expect(tokens.get('long')).toMatchObject(entry);
    clock.advance(1);
    expect(tokens.get('long')).toBeUndefined();
    expect(tokens.size).toBe(0);
  });

  it('drops the one not used for longest when it is full', () => {
    const clock = new StoppedClock();
    const tokens = new VerifiedTokens(clock, 2);
    for (const token of ['a', 'b']) tokens.put(token, entry, after(clock.now(), 60));
    tokens.get('a');
    tokens.put('c', entry, after(clock.now(), 60));
    expect([tokens.get('a'), tokens.get('b'), tokens.get('c')].map((found) => found !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});
