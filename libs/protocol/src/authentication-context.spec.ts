import { describe, expect, it } from '@jest/globals';
import { AUTHENTICATION_LEVELS, satisfies } from './authentication-context.js';

const [ONE, TWO] = AUTHENTICATION_LEVELS;

describe('an authentication level', () => {
  it('satisfies itself, every weaker one and a wish for nothing', () => {
    expect(satisfies(ONE, [ONE])).toBe(true);
    expect(satisfies(TWO, [ONE])).toBe(true);
    expect(satisfies(TWO, [TWO])).toBe(true);
    expect(satisfies(ONE, [])).toBe(true);
  });

  it('does not satisfy a stronger one, but one of several wishes is enough', () => {
    expect(satisfies(ONE, [TWO])).toBe(false);
    expect(satisfies(ONE, [TWO, ONE])).toBe(true);
  });

  it('satisfies no level of somebody else, and another’s satisfies none of ours', () => {
    expect(satisfies(TWO, ['urn:mace:incommon:iap:silver'])).toBe(false);
    expect(satisfies('urn:mace:incommon:iap:silver', [ONE])).toBe(false);
    expect(satisfies('phr', ['phr'])).toBe(false);
    expect(satisfies(ONE, [''])).toBe(false);
  });
});
