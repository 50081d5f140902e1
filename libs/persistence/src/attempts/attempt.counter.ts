import { AttemptCounter, type AttemptLimit } from '@gatehouse/identity';
import { after } from '@gatehouse/protocol';
import { type Database } from '../database.js';

/**
 * A window begins with the first attempt and is not moved by later ones, blocked ones included: who waits until the date
 * he was told is let in. The upsert locks the row, so of N parallel attempts each gets a number of its own.
 */
const COUNT = `
  INSERT INTO attempts AS known (key, made, window_ends_at) VALUES ($1, 1, $2)
  ON CONFLICT (key) DO UPDATE
     SET made = CASE WHEN known.window_ends_at > $3 THEN known.made + 1 ELSE 1 END,
         window_ends_at = CASE WHEN known.window_ends_at > $3 THEN known.window_ends_at ELSE excluded.window_ends_at END
  RETURNING made, window_ends_at`;

const RESET = `WITH gone AS (DELETE FROM attempts WHERE key = $1 RETURNING true) SELECT true FROM gone`;

export class PgAttemptCounter extends AttemptCounter {
  constructor(private readonly database: Database) {
    super();
  }

  override async count(key: string, { limit, window }: AttemptLimit, now: Date): Promise<Date | undefined> {
    const [counted] = await this.database.query<{ readonly made: number; readonly window_ends_at: Date }>(COUNT, [
      key,
      after(now, window),
      now,
    ]);
    return counted && counted.made > limit ? counted.window_ends_at : undefined;
  }

  override async reset(key: string): Promise<void> {
    await this.database.query(RESET, [key]);
  }
}
