import { runMigrations } from 'bullmq';
import pg from 'pg';
import { queueTechnology } from './queue-connection.js';

/**
 * Brings the queue's own tables up to date. Idempotent and safe to run from several starters at once; Redis has none.
 * A deploy runs it before the first worker of the new version starts.
 */
export async function migrateQueue(url: string): Promise<void> {
  if (queueTechnology(url) === 'redis') return;
  await withClient(url, async (client) => {
    await runMigrations(client);
  });
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection lost while idle must not end the process; the next query says so.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
