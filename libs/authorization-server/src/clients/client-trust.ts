import type { ClientId } from '@gatehouse/protocol';
import { isClientIdUrl } from './documents/client-id-url.js';
import type { Client } from './client.js';

/** Hosts and clients an operator named. `example.com` is that host; `*.example.com` every host below it. */
export interface TrustList {
  readonly domains: readonly string[];
  readonly clients: readonly string[];
}

export interface ClientTrustPolicy {
  /**
   * Who may come without having been invited. `open`: whoever registers or publishes a document. `verified`: of those,
   * only the ones on the list of allowed. `closed`: nobody.
   */
  readonly registration: 'open' | 'verified' | 'closed';
  readonly allowed: TrustList;
  readonly denied: TrustList;
}

export const OPEN_TO_ALL: ClientTrustPolicy = {
  registration: 'open',
  allowed: { domains: [], clients: [] },
  denied: { domains: [], clients: [] },
};

export type ClientTrust = 'verified' | 'unverified' | 'refused';

/**
 * What the operator thinks of this client now; asked at every request, so that a list that changed, or a house that
 * closed, counts for tokens that live. Being denied beats being allowed. Only a client id that is a URL proves a domain;
 * a redirect URI proves nothing in a client's favour, but it counts against it.
 * @spec MCP authorization, Client ID Metadata Documents, Trust Policies
 */
export function clientTrust(
  { registration, allowed, denied }: ClientTrustPolicy,
  { id, origin, redirectUris }: Pick<Client, 'id' | 'origin' | 'redirectUris'>,
): ClientTrust {
  const invited = origin === 'pre-registered';
  const host = documentHost(id);
  // With another query behind it the same page would describe a client that nobody has denied.
  if (denied.clients.includes(id) || denied.clients.includes(id.split('?')[0] ?? id)) return 'refused';
  const hosts = [...(host === undefined ? [] : [host]), ...redirectUris.map((uri) => new URL(uri).hostname)];
  if (!invited && hosts.some((each) => isOneOf(each, denied.domains))) return 'refused';

  if (invited) return 'verified';
  if (registration === 'closed') return 'refused';
  if (allowed.clients.includes(id) || (host !== undefined && isOneOf(host, allowed.domains))) return 'verified';
  return registration === 'open' ? 'unverified' : 'refused';
}

/** The host that vouches for a client id; undefined for ids that were given out here. */
export function documentHost(id: ClientId): string | undefined {
  return isClientIdUrl(id) ? new URL(id).hostname : undefined;
}

/** By whole labels: `evil-example.com` is not below `example.com`, and neither is `example.com.evil.net`. */
function isOneOf(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => (domain.startsWith('*.') ? host.endsWith(domain.slice(1)) : host === domain));
}
