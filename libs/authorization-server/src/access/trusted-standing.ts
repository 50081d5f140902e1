import { union } from '@gatehouse/scopes';
import type { FoundAuthorization, KnownClient } from '../authorizations/lineage.js';
import type { Standing } from '../authorizations/standing.js';
import { type ClientTrustPolicy, clientTrust } from '../clients/client-trust.js';

/**
 * Whom the operator trusts stands in the configuration, which no store knows: a store says what the person has besides if
 * the client is verified, and here it is decided whether it is. Whoever forgets to ask gives too little, never too much.
 */
export function trustedStanding(
  standing: Standing,
  trust: ClientTrustPolicy,
  client: KnownClient | undefined,
): Standing {
  const { entitledIfVerified, ...rest } = standing;
  const counts = entitledIfVerified !== undefined && client !== undefined && clientTrust(trust, client) === 'verified';
  return counts ? { ...rest, entitledScopes: union(rest.entitledScopes, entitledIfVerified) } : rest;
}

/** The same for what was found with its client. */
export function trustedFound<Found extends FoundAuthorization>(found: Found, trust: ClientTrustPolicy): Found {
  const own = found.clients.find(({ id }) => id === found.authorization.clientId);
  return { ...found, standing: trustedStanding(found.standing, trust, own) };
}
