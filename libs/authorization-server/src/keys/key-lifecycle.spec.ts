import { describe, expect, it } from '@jest/globals';
import { type KeyId, after } from '@gatehouse/protocol';
import { isPublished, signingKeyAt, successionDue } from './key-lifecycle.js';
import { keyPolicy } from './key-policy.js';
import type { SigningKey } from './signing-key.js';

const START = new Date('2026-01-01T00:00:00.000Z');
const at = (seconds: number): Date => after(START, seconds);
const policy = keyPolicy({
  rotationInterval: 10_000,
  publishLead: 900,
  accessTokenLifetime: 300,
  withdrawalSlack: 300,
});

function key(id: string, published: number, activates: number, withdraw?: number): SigningKey {
  return {
    id: id as KeyId,
    algorithm: 'ES256',
    publicJwk: {},
    publishedAt: at(published),
    activatesAt: at(activates),
    ...(withdraw === undefined ? {} : { withdrawAt: at(withdraw) }),
  };
}

describe('signingKeyAt', () => {
  const keys = [key('old', 0, 0, 11_500), key('new', 10_000, 10_900)];

  it('lets the old key sign until the very moment the new one is activated', () => {
    expect(signingKeyAt(keys, at(10_899))?.id).toBe('old');
    expect(signingKeyAt(keys, at(10_900))?.id).toBe('new');
  });

  it('does not depend on the order of the keys', () => {
    expect(signingKeyAt([...keys].reverse(), at(10_900))?.id).toBe('new');
  });

  it('never signs with a withdrawn key, nor before the first activation', () => {
    expect(signingKeyAt([key('gone', 0, 0, 100)], at(100))).toBeUndefined();
    expect(signingKeyAt([key('soon', 0, 900)], at(899))).toBeUndefined();
  });
});

describe('isPublished', () => {
  it('holds from the day the key is stored until it is withdrawn', () => {
    expect(isPublished(key('new', 10_000, 10_900), at(10_000))).toBe(true);
    expect(isPublished(key('old', 0, 0, 11_500), at(11_499))).toBe(true);
    expect(isPublished(key('old', 0, 0, 11_500), at(11_500))).toBe(false);
  });
});

describe('successionDue', () => {
  it('wants a key that signs at once when there is none', () => {
    expect(successionDue([], at(0), policy)).toEqual({
      expectedNewest: undefined,
      activatesAt: at(0),
      withdrawOthersAt: at(600),
    });
  });

  it('leaves a young key alone and succeeds one that reached the interval', () => {
    expect(successionDue([key('a', 0, 0)], at(9_999), policy)).toBeUndefined();
    expect(successionDue([key('a', 0, 0)], at(10_000), policy)).toEqual({
      expectedNewest: 'a',
      activatesAt: at(10_900),
      withdrawOthersAt: at(11_500),
    });
  });

  it('publishes one successor at a time, however long ago the interval passed', () => {
    const keys = [key('a', 0, 0, 11_500), key('b', 10_000, 10_900)];
    expect(successionDue(keys, at(10_001), policy)).toBeUndefined();
    expect(successionDue(keys, at(10_900), policy)).toBeUndefined();
    expect(successionDue([key('a', 0, 0)], at(1e7), policy)?.activatesAt).toEqual(at(1e7 + 900));
  });

  it('does not overtake an unactivated key when the clock of this worker runs behind', () => {
    expect(successionDue([key('a', 5_000, 5_900)], at(4_000), policy)).toBeUndefined();
  });

  it('replaces at once a key that an operator takes away now, and in good order one that may stay a while', () => {
    expect(successionDue([key('leaked', 0, 0, 1_060)], at(1_000), policy)?.activatesAt).toEqual(at(1_000));
    expect(successionDue([key('leaving', 0, 0, 9_000)], at(1_000), policy)?.activatesAt).toEqual(at(1_900));
  });
});
