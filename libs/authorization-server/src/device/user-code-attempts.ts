import type { AccountId } from '@gatehouse/protocol';

/**
 * Counts typed user codes, by account and by network, before any is looked up: parallel guesses cannot slip through. A right
 * code does not forgive the wrong ones before it: a guesser can start as many devices of his own as he likes, and would
 * type their codes to be forgiven.
 */
export abstract class UserCodeAttempts {
  /** Undefined: go on. A date: too many tries, none counts until then. */
  abstract count(accountId: AccountId, network: string, now: Date): Promise<Date | undefined>;
}
