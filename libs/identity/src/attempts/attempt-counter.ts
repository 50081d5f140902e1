/** At most `limit` attempts in `window` seconds. */
export interface AttemptLimit {
  readonly limit: number;
  readonly window: number;
}

/**
 * Counts attempts before they are made, so that parallel ones cannot slip through. Keys are hashed by the caller: no
 * username and no address is stored.
 */
export abstract class AttemptCounter {
  /**
   * Counts one attempt in one statement. Undefined: go on. A date: the limit is exceeded until then.
   * A window begins with its first attempt and is not prolonged by later ones; of parallel calls at most `limit` go on.
   */
  abstract count(key: string, limit: AttemptLimit, now: Date): Promise<Date | undefined>;
  abstract reset(key: string): Promise<void>;
}
