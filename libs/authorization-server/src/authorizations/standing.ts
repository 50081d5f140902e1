import type { RefusalReason } from '@gatehouse/protocol';
import type { Profile } from '../openid/profile.js';

/**
 * How the parties to a grant stand at this moment. Checked at every redemption: what was true at consent may be over.
 */
export interface Standing {
  readonly client: 'active' | 'disabled' | 'unknown';
  /** `absent`: no person stands behind this grant, and none is asked for. */
  readonly account: 'active' | 'disabled' | 'unknown' | 'absent';
  readonly resource: 'active' | 'disabled' | 'unknown';
  /** Of all that this was derived from; present only where there is such. */
  readonly ancestors?: 'active' | 'over';
  /** Scopes the account may hand on at the resource now; without an account, those the client is registered for. */
  readonly entitledScopes: readonly string[];
  /**
   * What the client may ask a person for at most, as it is registered now; absent: anything. Not of what was derived by
   * exchange, where rules say it.
   */
  readonly clientScopes?: readonly string[];
  /** And these, if the client is one that the operator's lists verify; see access/trusted-standing.ts. Absent: none. */
  readonly entitledIfVerified?: readonly string[];
  /** What may be told of the account, to whom it agreed that; absent where none is known. */
  readonly profile?: Profile;
}

/** Why nothing may be issued now; undefined: all parties are active. */
export function standingProblem({ client, account, resource, ancestors }: Standing): RefusalReason | undefined {
  if (client !== 'active') return `${client}_client`;
  if (account !== 'active' && account !== 'absent') return `${account}_account`;
  if (resource !== 'active') return `${resource}_resource`;
  if (ancestors === 'over') return 'ancestor_over';
  return undefined;
}
