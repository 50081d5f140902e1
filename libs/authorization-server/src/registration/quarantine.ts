import { type Clock, type TokenHash, tokenHash } from '@gatehouse/protocol';
import type { ServerPolicy } from '../server-policy.js';
import type { RegistrationStore } from './registration.store.js';

/** Who is behind a registration: the network it came from. Hashed, as all counts by address are. */
export function sourceNetwork(network: string): TokenHash {
  return tokenHash(`network|${network}`);
}

/** Who is behind a document: the owner of a domain has as many hosts, and paths on them, as he likes. */
export function sourceSite(host: string): TokenHash {
  return tokenHash(`site|${/[\d\]]$/.test(host) ? host : host.split('.').slice(-2).join('.')}`);
}

/** Part of the budget by which it may be exceeded before somebody looks. */
const SLACK = 20;
/** Most that one call deletes: it runs within somebody's registration. */
const MOST_AT_ONCE = 1000;

/**
 * Clients that never completed a flow, whether they registered or publish a document. There is a budget for them, and it
 * refuses nobody: who comes is admitted, and of the source that has most the one goes that has waited longest. A flood so
 * pushes out itself, even one that keeps all its clients in flows; and an honest client behind the same address, which sends
 * its person to the authorization endpoint within seconds, is spared as soon as it has done so.
 * Counting would cost a scan, so it is done once for many registrations: each server may exceed the budget by a part.
 */
export class Quarantine {
  #grown = 0;

  constructor(
    private readonly by: {
      readonly policy: Pick<ServerPolicy, 'unusedClientBudget'>;
      readonly clock: Clock;
      readonly registrations: RegistrationStore;
    },
  ) {}

  /** A client was admitted. */
  async grew(): Promise<void> {
    const { unusedClientBudget } = this.by.policy;
    this.#grown += 1;
    if (this.#grown * SLACK < unusedClientBudget) return;
    this.#grown = 0;
    await this.by.registrations.trim(unusedClientBudget, MOST_AT_ONCE, this.by.clock.now());
  }
}
