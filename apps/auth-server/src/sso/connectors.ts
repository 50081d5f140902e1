import { GuardedFetch, GuardedUpstreamFetch, isPublicAddress } from '@gatehouse/guarded-fetch';
import { Connectors, type UsedAssertionStore } from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { LdapConnector, OidcConnector, SamlConnector } from '@gatehouse/sso';
import type { Config } from '../config.js';

/**
 * Operators name the providers, so more is fetched than for strangers; still a provider that hangs has a bound of its own, and
 * leaves places for the others. A sign-in asks for two or three documents.
 */
const BUDGET = {
  total: 256,
  perSite: 64,
  perRequester: 64,
  minutelyPerSite: 6_000,
  minutelyPerRequester: 3_000,
  firstPause: 500,
  longestPause: 5_000,
};

/** One connector for each kind of provider. */
export function connectorsFor(
  config: Pick<Config, 'ISSUER' | 'PROVIDERS_FROM_LOOPBACK'>,
  clock: Clock,
  used: UsedAssertionStore,
): Connectors {
  const development = config.PROVIDERS_FROM_LOOPBACK ? { loopbackFor: config.ISSUER } : {};
  const options = { clock, budget: BUDGET, ...development };
  const fetch = new GuardedUpstreamFetch({
    public: new GuardedFetch(options),
    internal: new GuardedFetch({ ...options, internal: true }),
  });
  const loopback = config.PROVIDERS_FROM_LOOPBACK;
  return new Connectors([
    new OidcConnector({ fetch, clock, loopback }),
    new SamlConnector({ fetch, used, clock, loopback }),
    new LdapConnector({ clock, permits: (address, network) => network === 'internal' || isPublicAddress(address) }),
  ]);
}
