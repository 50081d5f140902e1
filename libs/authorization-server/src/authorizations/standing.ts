import type { RefusalReason } from '@gatehouse/protocol';

/**
 * How the parties to a grant stand at this moment. Checked at every redemption: what was true at consent may be over.
 */
export interface Standing {
  readonly client: 'active' | 'disabled' | 'unknown';
  readonly account: 'active' | 'disabled' | 'unknown';
  readonly resource: 'active' | 'disabled' | 'unknown';
  /** Scopes the account may hand on at the resource now. */
  readonly entitledScopes: readonly string[];
}

/** Why nothing may be issued now; undefined: all parties are active. */
export function standingProblem({ client, account, resource }: Standing): RefusalReason | undefined {
  if (client !== 'active') return `${client}_client`;
  if (account !== 'active') return `${account}_account`;
  if (resource !== 'active') return `${resource}_resource`;
  return undefined;
}
