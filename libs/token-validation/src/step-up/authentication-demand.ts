/**
 * Step-up: what an act demands of the sign-in behind a token, and whether this one will do. A session may be months old, and a
 * refresh does not make it younger: `auth_time` stays. How a person signs in again is the issuer's business.
 */
import { after, OAuthError, satisfies, type Clock } from '@gatehouse/protocol';
import type { Principal } from '../principal.js';

export interface AuthenticationDemand {
  /** The context that the sign-in must have reached; one that the issuer ranks higher is as good. */
  readonly acr?: string;
  /** Seconds that may have passed since the person signed in. */
  readonly maxAge?: number;
}

type DemandedOf = Pick<Principal, 'subject' | 'clientId' | 'authenticatedAt' | 'acr' | 'actor'>;

/** Sooner than this a person cannot sign in, consent and be back: the client would be sent in a circle. */
export const SHORTEST_MAX_AGE = 30;

/** @throws TypeError for a demand that nobody could meet, or that demands nothing */
export function requirePossible({ acr, maxAge }: AuthenticationDemand): void {
  if (acr === undefined && maxAge === undefined) throw new TypeError('an authentication demand demands acr or maxAge');
  if (acr !== undefined && !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(acr))
    throw new TypeError('an acr is one word without quote and backslash');
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= SHORTEST_MAX_AGE))
    throw new TypeError(`a maxAge is a whole number of seconds, ${SHORTEST_MAX_AGE} at least`);
}

/**
 * @throws OAuthError insufficient_user_authentication (authentication_too_old, authentication_too_weak): a new sign-in helps;
 *   access_denied (no_person): none does, for the client acts for itself
 * @spec RFC 9470 §3, §6.1
 */
export function requireAuthentication(
  principal: DemandedOf,
  demands: readonly AuthenticationDemand[],
  clock: Clock,
): void {
  if (demands.length === 0) return;
  if (isWithoutPerson(principal)) throw new OAuthError('access_denied', 'no_person');
  const { authenticatedAt, acr } = principal;
  for (const demand of demands) {
    // A token that says nothing of its sign-in is as one of long ago: nothing is taken for granted.
    if (demand.maxAge !== undefined && !(authenticatedAt && after(authenticatedAt, demand.maxAge) > clock.now()))
      throw new OAuthError('insufficient_user_authentication', 'authentication_too_old');
    if (demand.acr !== undefined && !reaches(acr, demand.acr))
      throw new OAuthError('insufficient_user_authentication', 'authentication_too_weak');
  }
}

/**
 * There is nobody to send to the sign-in page: `sub` is the client itself, or somebody else acts and no sign-in is known.
 * A gateway that was called by a client for itself would ask for one that never comes.
 * @spec RFC 9068 §2.2
 */
function isWithoutPerson({ subject, clientId, authenticatedAt, acr, actor }: DemandedOf): boolean {
  return subject === clientId || (actor !== undefined && authenticatedAt === undefined && acr === undefined);
}

/** One demand that meets them all, for the challenge: one trip to the sign-in page must suffice. */
export function strictest(demands: readonly AuthenticationDemand[]): AuthenticationDemand {
  const ages = demands.flatMap(({ maxAge }) => maxAge ?? []);
  const wanted = demands.flatMap(({ acr }) => acr ?? []);
  // Of two that are not ranked the first: the second is demanded when the first has been met.
  const acr = wanted.find((candidate) => wanted.every((other) => reaches(candidate, other))) ?? wanted[0];
  return { ...(acr === undefined ? {} : { acr }), ...(ages.length === 0 ? {} : { maxAge: Math.min(...ages) }) };
}

/** Our issuer's levels are ordered; another issuer's values are only ever equal. */
function reaches(acr: string | undefined, wanted: string): boolean {
  return acr !== undefined && (acr === wanted || satisfies(acr, [wanted]));
}
