import type { AttemptLimit } from '@gatehouse/identity';

/** One table an app, beside its controllers. Keys are the `endpoint` of `@Route`. */
export abstract class RateLimits {
  /** Every request counts, by network. For what costs the server or a person something whoever asks. */
  abstract readonly requests: Readonly<Record<string, AttemptLimit>>;
  /** Only refused credentials count, by client and network. Honest requests cost nothing, however many there are. */
  abstract readonly failures: Readonly<Record<string, AttemptLimit>>;
  /** Only good answers count, by client and network, in each process. */
  abstract readonly successes: Readonly<Record<string, AttemptLimit>>;
}
