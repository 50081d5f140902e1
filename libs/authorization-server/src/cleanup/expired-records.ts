export const EXPIRING_RECORDS = [
  'interactions',
  'codes',
  'pushed_requests',
  'devices',
  'authorizations',
  'sessions',
  'logout_notices',
  'sso_logins',
  'pending_sign_ins',
  'attempts',
  'assertions',
  'proofs',
  'registrations',
  'audit_events',
] as const;
export type ExpiringRecord = (typeof EXPIRING_RECORDS)[number];

/** Removal of what has expired, for the worker. Never waits for a row that somebody else holds. */
export abstract class ExpiredRecords {
  /** Deletes at most `limit` rows of one kind that expired before `before`. Returns how many; fewer than `limit`: done. */
  abstract deleteBatch(record: ExpiringRecord, before: Date, limit: number): Promise<number>;
}
