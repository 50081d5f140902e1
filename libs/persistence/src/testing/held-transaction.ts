import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Database } from '../database.js';

export interface HeldTransaction {
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Carries out a statement on a connection of its own and does not commit: what others do meanwhile is in flight. */
export async function holdTransaction(
  url: string,
  statement: string,
  values: readonly unknown[],
): Promise<HeldTransaction> {
  const client = new pg.Client({ connectionString: url });
  // A test that fails in between does not finish it: then the server does, so that nobody waits for ever.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET idle_in_transaction_session_timeout = '60s'`);
  await client.query('BEGIN');
  await client.query(statement, [...values]);
  const finish = async (word: string): Promise<void> => {
    await client.query(word);
    await client.end();
  };
  return { commit: () => finish('COMMIT'), rollback: () => finish('ROLLBACK') };
}

/** Resolves when `count` statements in this database wait for a lock. */
export async function untilBlocked(database: Database, count: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const [found] = await database.query<{ readonly waiting: number }>(
      `SELECT count(*)::integer AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (found?.waiting === count) return;
    await sleep(10);
  }
  throw new Error(`never saw ${count} statements wait for a lock`);
}
