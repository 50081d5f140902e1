import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ClientId } from '@gatehouse/protocol';

/** A client is to be told that a session has ended in which it got an ID token. */
export interface LogoutNotice {
  readonly id: string;
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly sid: string;
  readonly endedAt: Date;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  /** Where the client wants to be told, as it stands now. Absent: it is gone or disabled, or wants it no more. */
  readonly receiver?: string;
}

export interface LogoutClaim {
  readonly now: Date;
  /** Until then what is claimed is nobody else's. */
  readonly until: Date;
  readonly limit: number;
  /** At most so many of one client. */
  readonly perClient: number;
  /** None of these clients: enough of theirs is under way. */
  readonly except: readonly ClientId[];
}

/**
 * What clients have not been told yet. Notices come into being with the end of a session, in its statement; here they are
 * worked off, by any number of workers. One that dies leaves its notices to the others when its claim is over.
 */
export abstract class LogoutNoticeStore {
  /** The longest due first. Of parallel claims one gets a notice. */
  abstract claim(claim: LogoutClaim): Promise<readonly LogoutNotice[]>;
  /** Nothing is to be done any more: removed with its audit event. False: somebody was faster. */
  abstract settle(id: string, audit: AuditEvent): Promise<boolean>;
  /** Due again at `dueAt`, as if claimed `attempts` times; not if somebody has claimed it since. */
  abstract postpone(claimed: LogoutNotice, dueAt: Date, attempts: number): Promise<void>;
}
