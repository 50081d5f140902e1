import type { ExpiringRecord } from '@gatehouse/authorization-server';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds that a record stays after it expired, and what it is still good for meanwhile. */
export const RETENTION: Readonly<Record<ExpiringRecord, number>> = {
  /** What happened more than a year ago is still asked for in a yearly audit; see AUDIT_RETENTION. */
  audit_events: 400 * DAY,
  /** A person who comes back late is told that the time is over, not that the journey never was. */
  interactions: HOUR,
  /** The reuse of a spent code ends what it gave birth to: a thief may have been first, and the client comes later. */
  codes: DAY,
  /** Longer than any token born of it lives; and a refresh token that returns is known as replayed, not as unknown. */
  authorizations: 7 * DAY,
  /** A browser that was left open is told that its session is over. */
  sessions: DAY,
  /** Here it counts from the end of the session. They are given up, on record, a day earlier: this is for what nobody could work off. */
  logout_notices: 2 * DAY,
  /** Nothing: one that is over is refused as unknown. The hour is for clocks that differ. */
  sso_logins: HOUR,
  /** Nothing: an expired one is not found. The hour is for clocks that differ. */
  pending_sign_ins: HOUR,
  /** Nothing. The hour is for clocks that differ: a count must not vanish inside its window. */
  attempts: HOUR,
  /** Nothing: an expired one is refused as such. The hour is for clocks that differ. */
  assertions: HOUR,
  /** Nothing: it would be refused for its age. The hour is for clocks that differ. */
  proofs: HOUR,
  /**
   * Here it counts from the last time that the client registered: if its person never came back to complete a flow in a
   * week, nobody will miss it.
   */
  registrations: 7 * DAY,
  /** Nothing: used ones are gone already. The hour is for clocks that differ. */
  pushed_requests: HOUR,
  /** A device that polls late is told that its code has expired, not that it never was. */
  devices: HOUR,
};
