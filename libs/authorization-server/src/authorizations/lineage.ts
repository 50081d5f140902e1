/**
 * What an authorization was derived from. Nothing of it is copied: whether a derived authorization lives is asked of its
 * ancestors each time, so whoever revokes one of them, or disables a client among them, need not know what hangs on it.
 */
import type { ClientId, ResourceIdentifier, ResourceServerId } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import type { Authorization } from './authorization.js';
import type { Standing } from './standing.js';

/** Longest line of exchanges: four clients, one after the other, act for one person. */
export const MAXIMUM_DEPTH = 4;

/** What the operator's trust in a client goes by. */
export type KnownClient = Pick<Client, 'id' | 'origin' | 'redirectUris'>;

export interface Ancestor {
  readonly clientId: ClientId;
  readonly resource: ResourceIdentifier;
}

/** An authorization with all that decides whether its tokens live, in one read. */
export interface FoundAuthorization {
  readonly authorization: Authorization;
  readonly standing: Standing;
  /** Who runs its resource. */
  readonly serverId?: ResourceServerId;
  /** Its client and those of its ancestors. */
  readonly clients: readonly KnownClient[];
  /** The nearest first; empty for what no exchange made. */
  readonly ancestors: readonly Ancestor[];
}

/** One ancestor as a store finds it. */
export interface AncestorRecord extends Ancestor {
  /** Not revoked, and its client and resource are active. */
  readonly stands: boolean;
  /** It was derived from nothing itself. */
  readonly root: boolean;
}

/** Whether a whole line stands. A gap in it, as the clean-up may leave one, is no better than a revocation. */
export function standingOfLine(line: readonly AncestorRecord[]): 'active' | 'over' {
  return line.at(-1)?.root === true && line.every(({ stands }) => stands) ? 'active' : 'over';
}
