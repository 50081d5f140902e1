import type { AccountId, TokenHash } from '@gatehouse/protocol';
import type { Authentication } from '../sign-in/authentication.js';
import type { ProviderId } from '../sso/identity-provider.js';

/** A browser that a person signed in with. A new id at every sign-in: an id planted before is worth nothing after. */
export interface Session extends Authentication {
  readonly id: TokenHash;
  /** What clients know the session by (`sid`): says which one is meant, and opens nothing. */
  readonly sid: string;
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  /** Absolute end. */
  readonly expiresAt: Date;
  /** Identity provider by which it was begun; absent: by a password of this server. */
  readonly provider?: ProviderId;
  /** What that provider calls its own session. */
  readonly upstreamSession?: string;
  /** From where, and with what: for the person to recognise it. Words of whoever signed in. */
  readonly network?: string;
  readonly browser?: string;
}

/** As its person may see it: nothing of it opens anything. */
export type ShownSession = Omit<Session, 'id'>;

/** A signed-in person as a page may know them. */
export interface Person extends Authentication {
  /** Of the session, as clients know it. */
  readonly sid: string;
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  readonly displayName: string;
}
