import { UserCodeAttempts } from '@gatehouse/authorization-server';
import type { AttemptCounter, AttemptLimit } from '@gatehouse/identity';
import { type AccountId, tokenHash } from '@gatehouse/protocol';

export interface UserCodeLimits {
  readonly perAccount: AttemptLimit;
  readonly perNetwork: AttemptLimit;
}

/** The account first: one guesser must not use up the tries of everybody behind the same address. */
export class CountedUserCodes extends UserCodeAttempts {
  constructor(
    private readonly counter: AttemptCounter,
    private readonly limits: UserCodeLimits,
  ) {
    super();
  }

  override async count(accountId: AccountId, network: string, now: Date): Promise<Date | undefined> {
    return (
      (await this.counter.count(tokenHash(`user-code|account|${accountId}`), this.limits.perAccount, now)) ??
      (await this.counter.count(tokenHash(`user-code|network|${network}`), this.limits.perNetwork, now))
    );
  }
}
