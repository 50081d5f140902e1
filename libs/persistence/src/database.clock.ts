import { Clock } from '@gatehouse/protocol';
import { type Database } from './database.js';

const NOW = `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS milliseconds`;

/** Between two looks our own oscillator counts, which drifts by milliseconds a minute at worst. */
const LOOK_EVERY = 10_000;
/** An answer that took longer says too little about when it was given. */
const LONGEST_LOOK = 1_000;
const FIRST_LOOKS = 3;

/**
 * The time of the database, for all processes that share one. Replicas write instants that others compare with theirs:
 * when a token was replaced, until when a code is good. With their machines' clocks a minute apart, a code would be dead
 * on arrival, and a client that only repeats a lost request would be taken for a thief and lose its session. So a
 * machine's clock is not asked at all: the database's is, now and then, and what passed since is counted monotonically,
 * so that nobody who sets the machine's clock moves any limit either. A machine that slept is right after the next look.
 */
export class DatabaseClock extends Clock {
  /** Milliseconds since the epoch when the monotonic count was zero. */
  #zero = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly elapsed: () => number,
    lookEvery: number,
  ) {
    super();
    this.#timer = setInterval(() => {
      // A lost database is reported by whoever needs it; the count goes on.
      this.#look(LONGEST_LOOK).catch(() => undefined);
    }, lookEvery).unref();
  }

  /** @throws OAuthError temporarily_unavailable when the database does not answer */
  static async start(
    database: Pick<Database, 'query'>,
    {
      elapsed = () => performance.now(),
      lookEvery = LOOK_EVERY,
    }: { readonly elapsed?: () => number; readonly lookEvery?: number } = {},
  ): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, elapsed, lookEvery);
    try {
      // The first look opens a connection, which takes its time; the quickest of some counts.
      let quickest = Infinity;
      for (let look = 0; look < FIRST_LOOKS; look += 1) quickest = Math.min(quickest, await clock.#look(quickest));
      return clock;
    } catch (error) {
      clock.stop();
      throw error;
    }
  }

  override now(): Date {
    return new Date(this.#zero + this.elapsed());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @returns how long the answer took; one that took longer than `longest` was not used */
  async #look(longest: number): Promise<number> {
    const asked = this.elapsed();
    const [answer] = await this.database.query<{ readonly milliseconds: number }>(NOW);
    const took = this.elapsed() - asked;
    // Given, as far as anybody knows, half-way between question and answer.
    if (answer && took <= longest) this.#zero = answer.milliseconds - asked - took / 2;
    return took;
  }
}
