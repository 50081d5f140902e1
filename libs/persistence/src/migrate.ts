import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { asStoreFailure } from './store-failure.js';

/**
 * Brings the schema up to date and returns the names of the migrations it ran. Several starters may call it at once: the
 * first runs them, the others wait and find nothing to do. The lock is the session's, so a starter that dies frees it;
 * through a transaction-pooling proxy it would lock nothing: connect directly.
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const session = new pg.Client({
    connectionString: url,
    application_name: 'gatehouse-migrate',
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection is reported by the statement that meets it.
  session.on('error', () => undefined);
  try {
    await session.connect();
    await session.query(`SELECT pg_advisory_lock(hashtextextended('gatehouse.migrations', 0))`);
    return await runMigrations(url);
  } catch (error) {
    throw asStoreFailure(error);
  } finally {
    await session.end().catch(() => undefined);
  }
}

async function runMigrations(url: string): Promise<readonly string[]> {
  const options = dataSourceOptions({ url, poolSize: 1, applicationName: 'gatehouse-migrate' });
  const source = new DataSource({
    ...options,
    // A migration may take its time over rows, but not over a lock: behind it every other statement would wait.
    extra: { statement_timeout: 0, lock_timeout: 10_000 },
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
