import { describe, expect, it } from '@jest/globals';
import type { ClientId } from '@gatehouse/protocol';
import { StoppedClock } from '../testing/index.js';
import type { Principal } from '../principal.js';
import {
  type AuthenticationDemand,
  requireAuthentication,
  requirePossible,
  strictest,
} from './authentication-demand.js';

type SignedIn = Pick<Principal, 'subject' | 'clientId' | 'authenticatedAt' | 'acr' | 'actor'>;

const ONE = 'urn:gatehouse:acr:1fa';
const TWO = 'urn:gatehouse:acr:2fa';
const clock = new StoppedClock();
const ago = (seconds: number): Date => new Date(clock.now().getTime() - seconds * 1000);

function signedIn(seconds: number | undefined, acr = ONE, subject = 'a-1'): SignedIn {
  return {
    subject,
    clientId: 'c-1' as ClientId,
    authenticatedAt: seconds === undefined ? undefined : ago(seconds),
    acr,
    actor: undefined,
  };
}

const NOBODY = { authenticatedAt: undefined, acr: undefined };

const refusal = (principal: SignedIn, ...demands: AuthenticationDemand[]): unknown => {
  try {
    requireAuthentication(principal, demands, clock);
  } catch (error) {
    const { code, reason, status } = error as Record<string, unknown>;
    return [code, reason, status];
  }
  return undefined;
};
const TOO_OLD = ['insufficient_user_authentication', 'authentication_too_old', 401];
const TOO_WEAK = ['insufficient_user_authentication', 'authentication_too_weak', 401];

describe('the sign-in behind a token', () => {
  it('will do as long as it is young enough, to the second', () => {
    expect(refusal(signedIn(299), { maxAge: 300 })).toBeUndefined();
    expect(refusal(signedIn(300), { maxAge: 300 })).toEqual(TOO_OLD);
    expect(refusal(signedIn(86_400), { maxAge: 300 })).toEqual(TOO_OLD);
    expect(refusal(signedIn(86_400))).toBeUndefined();
  });

  it('counts as old when the token does not say', () => {
    expect(refusal(signedIn(undefined), { maxAge: 300 })).toEqual(TOO_OLD);
    expect(refusal({ ...signedIn(1), acr: undefined }, { acr: ONE })).toEqual(TOO_WEAK);
  });

  it('may be stronger than demanded, never weaker', () => {
    expect(refusal(signedIn(1, TWO), { acr: ONE })).toBeUndefined();
    expect(refusal(signedIn(1, ONE), { acr: TWO })).toEqual(TOO_WEAK);
    expect(refusal(signedIn(1, 'urn:other:gold'), { acr: ONE })).toEqual(TOO_WEAK);
    expect(refusal(signedIn(1, 'urn:other:gold'), { acr: 'urn:other:gold' })).toBeUndefined();
    expect(refusal(signedIn(1, TWO), { acr: 'urn:other:gold' })).toEqual(TOO_WEAK);
  });

  it('has to meet every demand of a batch', () => {
    expect(refusal(signedIn(100, TWO), { maxAge: 300 }, { acr: TWO })).toBeUndefined();
    expect(refusal(signedIn(100, TWO), { maxAge: 300 }, { maxAge: 60 })).toEqual(TOO_OLD);
  });

  it('RS-26: is nothing that a client without a person could go and get', () => {
    expect(refusal(signedIn(undefined, ONE, 'c-1'), { maxAge: 300 })).toEqual(['access_denied', 'no_person', 403]);
    expect(refusal(signedIn(undefined, ONE, 'c-1'))).toBeUndefined();
  });

  it('RS-26: is nothing that a gateway could get for such a client, and is asked of a person behind one', () => {
    const exchanged: SignedIn = { subject: 'c-2', clientId: 'c-1' as ClientId, ...NOBODY, actor: 'c-1' };
    expect(refusal(exchanged, { maxAge: 300 })).toEqual(['access_denied', 'no_person', 403]);
    expect(refusal(exchanged, { acr: ONE })).toEqual(['access_denied', 'no_person', 403]);
    expect(refusal({ ...signedIn(10), actor: 'c-1' }, { maxAge: 300 })).toBeUndefined();
    expect(refusal({ ...signedIn(300), actor: 'c-1' }, { maxAge: 300 })).toEqual(TOO_OLD);
    expect(refusal({ ...signedIn(300), acr: undefined, actor: 'c-1' }, { maxAge: 300 })).toEqual(TOO_OLD);
  });
});

describe('the challenge for several demands', () => {
  it('names one that meets them all', () => {
    expect(strictest([{ maxAge: 300 }, { acr: ONE, maxAge: 60 }, { acr: TWO }])).toEqual({ acr: TWO, maxAge: 60 });
    expect(strictest([{ acr: 'x' }, { acr: 'y' }])).toEqual({ acr: 'x' });
    expect(strictest([])).toEqual({});
  });
});

describe('a demand', () => {
  it.each<[string, AuthenticationDemand]>([
    ['demands nothing', {}],
    ['is over before anybody could come back', { maxAge: 29 }],
    ['counts in fractions', { maxAge: 60.5 }],
    ['is not a number', { maxAge: Number.NaN }],
    ['has two words for one', { acr: 'a b' }],
    ['could end its quotes', { acr: 'a"b' }],
  ])('is refused when it %s', (_, demand) => {
    expect(() => {
      requirePossible(demand);
    }).toThrow(TypeError);
  });

  it('is taken when it can be met', () => {
    expect(() => {
      requirePossible({ acr: TWO, maxAge: 30 });
    }).not.toThrow();
  });
});
