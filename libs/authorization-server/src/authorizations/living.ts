import type { RefusalReason } from '@gatehouse/protocol';
import { type ClientTrustPolicy, clientTrust } from '../clients/client-trust.js';
import type { FoundAuthorization } from './lineage.js';
import { standingProblem } from './standing.js';

/** Why no token of this authorization may be relied on any more; undefined: they live. Asked wherever a token comes back. */
export function endOf(
  { authorization, standing, clients }: FoundAuthorization,
  { now, trust }: { readonly now: Date; readonly trust: ClientTrustPolicy },
): RefusalReason | undefined {
  if (authorization.revoked) return 'authorization_revoked';
  if (now >= authorization.expiresAt) return 'authorization_expired';
  const problem = standingProblem(standing);
  if (problem) return problem;
  return clients.some((client) => clientTrust(trust, client) === 'refused') ? 'client_not_allowed' : undefined;
}
