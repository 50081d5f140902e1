import { RegistrationAttempts } from '@gatehouse/authorization-server';
import type { AttemptCounter, AttemptLimit } from '@gatehouse/identity';
import { tokenHash } from '@gatehouse/protocol';

export class CountedRegistrations extends RegistrationAttempts {
  constructor(
    private readonly counter: AttemptCounter,
    private readonly limit: AttemptLimit,
  ) {
    super();
  }

  override count(network: string, now: Date): Promise<Date | undefined> {
    return this.counter.count(tokenHash(`registrations|${network}`), this.limit, now);
  }
}
