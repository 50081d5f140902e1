import type { ExpiringRecord } from '@gatehouse/authorization-server';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds that a record stays after it expired, and what it is still good for meanwhile. */
export const RETENTION: Readonly<Record<ExpiringRecord, number>> = {
  /** A person who comes back late is told that the time is over, not that the journey never was. */
  interactions: HOUR,
  /** The reuse of a spent code ends what it gave birth to: a thief may have been first, and the client comes later. */
  codes: DAY,
  /** Longer than any token born of it lives; and a refresh token that returns is known as replayed, not as unknown. */
  authorizations: 7 * DAY,
  /** A browser that was left open is told that its session is over. */
  sessions: DAY,
  /** Nothing. The hour is for clocks that differ: a count must not vanish inside its window. */
  attempts: HOUR,
  /** An app that was set up and put aside. Once somebody approved it, it stays: it would not know that its id is gone. */
  clients: 30 * DAY,
};
