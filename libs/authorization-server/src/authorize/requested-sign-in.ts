/**
 * What a client may ask about the sign-in of its person: how long ago, how strongly, and who. A session that does not
 * suffice is not taken into the journey, so the person signs in; who has signed in within the journey is in it, and is
 * not asked for the same again. So no request can make a loop.
 * @spec OpenID Connect Core §3.1.2.1; RFC 9470 §4, §5
 */
import { type AccountId, OAuthError, type Parameters, satisfies } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import type { IdTokenHints } from '../logout/id-token-hints.js';
import type { SignedInPerson } from './interaction.js';

/** Stored as JSON with the request. */
export interface RequestedSignIn {
  /** Whatever session the browser has. */
  readonly anew?: true;
  /** Seconds since the person signed in, at most. */
  readonly maxAge?: number;
  /** Levels of authentication; any of them will do. */
  readonly levels?: readonly string[];
  /** Nobody but this person. */
  readonly accountId?: AccountId;
  /** To be filled in for the person. Words of whoever made the request. */
  readonly loginHint?: string;
}

export interface SignInOffer {
  /** Levels that the ways to sign in reach here, weakest first. */
  readonly levels: readonly string[];
  readonly hints: IdTokenHints;
}

/** Those that mean anything here; others are ignored. */
export const PROMPTS = ['none', 'login', 'consent', 'select_account'] as const;

/** @spec OpenID Connect Core §3.1.2.1 */
export function prompts(parameters: Parameters): readonly string[] {
  return parameters.get('prompt')?.split(' ').filter(Boolean) ?? [];
}

/** The client wants an answer at once: nothing is shown to the person. */
export function asksSilently(parameters: Parameters): boolean {
  const [only, ...others] = prompts(parameters);
  return only === 'none' && others.length === 0;
}

/**
 * @throws OAuthError invalid_request; unmet_authentication_requirements for a level that nobody can reach here
 */
export async function requestedSignIn(
  client: Client,
  parameters: Parameters,
  offer: SignInOffer,
): Promise<RequestedSignIn> {
  const asked = prompts(parameters);
  if (asked.includes('none') && asked.length > 1) throw new OAuthError('invalid_request', 'contradictory_prompt');
  const maxAge = requestedAge(parameters);
  const levels = requestedLevels(parameters, offer.levels);
  const hint = await hintedPerson(client, parameters, offer.hints);
  const loginHint = parameters.get('login_hint');
  const anew = maxAge === 0 || asked.includes('login') || asked.includes('select_account') || hint === 'unreadable';
  return {
    ...(anew ? { anew } : {}),
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(levels.length > 0 ? { levels } : {}),
    ...(hint === undefined || hint === 'unreadable' ? {} : { accountId: hint }),
    ...(loginHint !== undefined && isUsername(loginHint) ? { loginHint } : {}),
  };
}

/** May a session that the browser brought be taken into the journey? */
export function suffices(wanted: RequestedSignIn, person: SignedInPerson, now: Date): boolean {
  const { anew, maxAge } = wanted;
  if (anew === true || signInProblem(wanted, person)) return false;
  return maxAge === undefined || now.getTime() - person.authenticatedAt.getTime() <= maxAge * 1000;
}

/** Why this person will not do, whenever they signed in: asking them to sign in once more would not change it. */
export function signInProblem(
  { accountId, levels = [] }: RequestedSignIn,
  person: SignedInPerson,
): 'another_person' | 'too_weak' | undefined {
  if (accountId !== undefined && accountId !== person.accountId) return 'another_person';
  return satisfies(person.acr, levels) ? undefined : 'too_weak';
}

function requestedAge(parameters: Parameters): number | undefined {
  const text = parameters.get('max_age');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new OAuthError('invalid_request', 'malformed_max_age');
  return Number(text);
}

/** A list of wishes of which one has to be within reach; those beyond it fall away. @spec RFC 9470 §5 */
function requestedLevels(parameters: Parameters, attainable: readonly string[]): readonly string[] {
  const wanted = parameters.get('acr_values')?.split(' ').filter(Boolean) ?? [];
  const within = wanted.filter((level) => attainable.some((reached) => satisfies(reached, [level])));
  if (wanted.length > 0 && within.length === 0)
    throw new OAuthError('unmet_authentication_requirements', 'unattainable_authentication');
  return within;
}

/**
 * A hint that cannot be read (its key may have been withdrawn since) does not let the session of just anybody through:
 * the person signs in. One that was given to another client is a mistake of this one, or worse.
 */
async function hintedPerson(
  client: Client,
  parameters: Parameters,
  hints: IdTokenHints,
): Promise<AccountId | 'unreadable' | undefined> {
  const token = parameters.get('id_token_hint');
  if (token === undefined) return undefined;
  const hint = await hints.read(token);
  if (!hint) return 'unreadable';
  if (hint.clientId !== client.id) throw new OAuthError('invalid_request', 'id_token_hint_of_other_client');
  return hint.accountId;
}

/** A link must not put whole sentences on our page. */
function isUsername(text: string): boolean {
  return /^[^\s\p{C}]{1,100}$/u.test(text);
}
