import type { AuthenticationLevel } from '@gatehouse/protocol';
import type { SecondFactorRule } from '../factors/factor.js';

/** How a person was recognised. @spec RFC 8176 §2 (amr) */
export interface Authentication {
  /** One of the levels of `AUTHENTICATION_LEVELS`, as it was stored. */
  readonly acr: string;
  readonly amr: readonly string[];
}

export const BY_PASSWORD: Authentication = {
  acr: 'urn:gatehouse:acr:1fa' satisfies AuthenticationLevel,
  amr: ['pwd'],
};

/** The levels that the sign-in methods of this server reach, weakest first. What is not here nobody can ask for. */
export const ATTAINABLE_LEVELS: readonly AuthenticationLevel[] = ['urn:gatehouse:acr:1fa'];

/** With second factors switched off, only identity providers could reach the second level, and which of them do nobody can ask for. */
export function attainableLevels(rule: SecondFactorRule): readonly AuthenticationLevel[] {
  return rule === 'off' ? ATTAINABLE_LEVELS : [...ATTAINABLE_LEVELS, 'urn:gatehouse:acr:2fa'];
}
