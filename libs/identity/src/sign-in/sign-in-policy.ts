import type { AttemptLimit } from '../attempts/attempt-counter.js';

/** Who may sign in with a password of this server: everybody, break-glass accounts, nobody. */
export type LocalSignIn = 'on' | 'break-glass' | 'off';

/** Limits of guessing, and how long a browser stays signed in (seconds). Each default has its reason. */
export interface SignInPolicy {
  /** A person who mistypes needs a few tries; a guesser gets 40 an hour. */
  readonly perAccountAndNetwork: AttemptLimit;
  /** Bounds guesses from many networks. Wide, because who reaches it locks the person out too, but in a known browser. */
  readonly perAccount: AttemptLimit;
  /** Bounds one network trying one password on many accounts. Wide enough for an office behind one address. */
  readonly perNetwork: AttemptLimit;
  /** A working day; consent and tokens live by their own terms. */
  readonly sessionLifetime: number;
  /** Absent: on. */
  readonly localSignIn?: LocalSignIn;
}

export const DEFAULT_SIGN_IN_POLICY: SignInPolicy = {
  perAccountAndNetwork: { limit: 10, window: 900 },
  perAccount: { limit: 100, window: 900 },
  perNetwork: { limit: 300, window: 900 },
  sessionLifetime: 12 * 3600,
};
