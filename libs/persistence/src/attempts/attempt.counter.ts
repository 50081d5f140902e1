import { AttemptCounter, type AttemptLimit } from '@gatehouse/identity';
import { after } from '@gatehouse/protocol';
import { type Database } from '../database.js';
import { Gathering } from '../gathering.js';

/**
 * A window begins with the first attempt and is not moved by later ones, blocked ones included: who waits until the date
 * he was told is let in. The upsert locks the row, so of N parallel attempts each gets a number of its own; those of one
 * moment are added at once, for else all requests of a network would wait for each other at one row.
 */
const COUNT = `
  INSERT INTO attempts AS known (key, made, window_ends_at)
  SELECT key, made, window_ends_at
    FROM unnest($1::text[], $2::integer[], $3::timestamptz[]) AS asked (key, made, window_ends_at) ORDER BY key
  ON CONFLICT (key) DO UPDATE
     SET made = CASE WHEN known.window_ends_at > $4 THEN known.made + excluded.made ELSE excluded.made END,
         window_ends_at = CASE WHEN known.window_ends_at > $4 THEN known.window_ends_at ELSE excluded.window_ends_at END
  RETURNING key, made, window_ends_at`;

const RESET = `WITH gone AS (DELETE FROM attempts WHERE key = $1 RETURNING true) SELECT true FROM gone`;

interface Attempt {
  /** No two attempts are equal. */
  readonly number: number;
  readonly key: string;
  readonly windowEndsAt: Date;
  readonly now: Date;
}

interface Counted {
  readonly made: number;
  readonly windowEndsAt: Date;
}

interface CountRecord {
  readonly key: string;
  readonly made: number;
  readonly window_ends_at: Date;
}

export class PgAttemptCounter extends AttemptCounter {
  readonly #counting: Gathering<Attempt, Counted | undefined>;
  #attempts = 0;

  constructor(private readonly database: Database) {
    super();
    this.#counting = new Gathering<Attempt, Counted | undefined>({
      keyOf: ({ number }) => String(number),
      equal: 'take turns',
      ask: (attempts) => this.#countAll(attempts),
    });
  }

  override async count(key: string, { limit, window }: AttemptLimit, now: Date): Promise<Date | undefined> {
    const counted = await this.#counting.ask({ number: this.#attempts++, key, windowEndsAt: after(now, window), now });
    return counted && counted.made > limit ? counted.windowEndsAt : undefined;
  }

  /** Each attempt gets the number that it would have got alone, in the order in which they came. */
  async #countAll(attempts: readonly Attempt[]): Promise<readonly (Counted | undefined)[]> {
    const byKey = Map.groupBy(attempts, ({ key }) => key);
    const keys = [...byKey.keys()];
    const groups = [...byKey.values()];
    const rows = await this.database.query<CountRecord>(COUNT, [
      keys,
      groups.map(({ length }) => length),
      groups.map(([first]) => first?.windowEndsAt),
      attempts.at(-1)?.now,
    ]);
    const counted = new Map(rows.map((row) => [row.key, row]));
    return attempts.map((attempt) => {
      const row = counted.get(attempt.key);
      const group = byKey.get(attempt.key) ?? [];
      if (!row) return undefined;
      return { made: row.made - group.length + group.indexOf(attempt) + 1, windowEndsAt: row.window_ends_at };
    });
  }

  override async reset(key: string): Promise<void> {
    await this.database.query(RESET, [key]);
  }
}
