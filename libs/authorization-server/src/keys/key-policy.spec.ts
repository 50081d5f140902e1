import { describe, expect, it } from '@jest/globals';
import { DEFAULT_KEY_POLICY, KEY_TIMING, MINIMUM_PUBLISH_LEAD, keyPolicy, keyPolicyProblems } from './key-policy.js';

describe('keyPolicy', () => {
  it('has defaults that hold', () => {
    expect(keyPolicyProblems(DEFAULT_KEY_POLICY)).toEqual([]);
    expect(keyPolicy()).toEqual(DEFAULT_KEY_POLICY);
  });

  it('wants a lead longer than every cache on the way to a verifier', () => {
    expect(MINIMUM_PUBLISH_LEAD).toBeGreaterThan(KEY_TIMING.jwksMaxAge + KEY_TIMING.verifierCooldown);
    expect(() => keyPolicy({ publishLead: MINIMUM_PUBLISH_LEAD - 1 })).toThrow(/publishLead/);
    expect(keyPolicy({ publishLead: MINIMUM_PUBLISH_LEAD }).publishLead).toBe(MINIMUM_PUBLISH_LEAD);
  });

  it('refuses a rotation faster than a key can live', () => {
    expect(() => keyPolicy({ rotationInterval: 4800 })).toThrow(/rotationInterval/);
    expect(keyPolicy({ rotationInterval: 4801 }).rotationInterval).toBe(4801);
  });

  it('names all problems at once', () => {
    const problems = keyPolicyProblems({
      rotationInterval: 0,
      publishLead: 1,
      accessTokenLifetime: Number.NaN,
      withdrawalSlack: 1.5,
    });
    expect(new Set(problems.map(({ name }) => name))).toEqual(
      new Set(['rotationInterval', 'accessTokenLifetime', 'withdrawalSlack', 'publishLead']),
    );
  });
});
