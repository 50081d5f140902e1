import { tokenHash } from '@gatehouse/protocol';
import type { AttemptCounter, AttemptLimit } from '../attempts/attempt-counter.js';
import type { SignInPolicy } from './sign-in-policy.js';

export interface Lock {
  readonly until: Date;
  readonly limit: 'network' | 'account_and_network' | 'account_and_browser' | 'account';
  /** Only the first refusal of a lock is worth an audit record: an attacker must not be able to write without end. */
  readonly first: boolean;
}

type CountedLimit = readonly [Lock['limit'], string, AttemptLimit];

/** Where an attempt comes from. */
export interface AttemptOrigin {
  readonly network: string;
  /** The mark of a browser that this person signed in with before; already recognised. */
  readonly browser: string | undefined;
}

/**
 * Counts before anything is verified, so that parallel guesses cannot slip through. The narrow limits come first: an
 * attempt that is refused for its network does not count against the account, or one network could lock anybody out.
 * A browser that the person signed in with before counts by itself: strangers on many networks, or on the person's own, use up
 * the attempts of everybody else but not its.
 */
export class SignInAttempts {
  readonly #counter: AttemptCounter;
  readonly #policy: SignInPolicy;

  constructor(counter: AttemptCounter, policy: SignInPolicy) {
    this.#counter = counter;
    this.#policy = policy;
  }

  /** `username` is undefined for a text that can be no username. */
  async count(username: string | undefined, from: AttemptOrigin, now: Date): Promise<Lock | undefined> {
    const { perNetwork, perAccountAndNetwork, perAccount } = this.#policy;
    const name = username ?? '';
    const ofAccount: readonly CountedLimit[] =
      from.browser === undefined
        ? [
            ['account_and_network', key('account_and_network', name, from.network), perAccountAndNetwork],
            ['account', key('account', name), perAccount],
          ]
        : [['account_and_browser', key('account_and_browser', name, from.browser), perAccountAndNetwork]];
    const limits: readonly CountedLimit[] = [['network', key('network', from.network), perNetwork], ...ofAccount];
    for (const [limit, counted, allowed] of limits) {
      const until = await this.#counter.count(counted, allowed, now);
      if (!until) continue;
      const once = { limit: 1, window: secondsUntil(until, now) };
      const first = (await this.#counter.count(key('recorded', counted), once, now)) === undefined;
      return { until, limit, first };
    }
    return undefined;
  }

  /** The person was right: earlier slips are forgotten, for this person on this network only. */
  async forget(username: string, { network }: AttemptOrigin): Promise<void> {
    await this.#counter.reset(key('account_and_network', username, network));
  }
}

export function secondsUntil(until: Date, now: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}

/** Hashed, for the store keeps neither names nor addresses. JSON keeps the parts apart. */
function key(...parts: readonly string[]): string {
  return tokenHash(`sign-in:${JSON.stringify(parts)}`);
}
