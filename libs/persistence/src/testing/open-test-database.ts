import { type Logger } from 'typeorm';
import { type Database, openDatabase } from '../database.js';
import { createTestDatabase } from './test-database.js';

/** A migrated database and an open pool on it, wide enough for calls that are really parallel. */
export async function openTestDatabase(poolSize = 12): Promise<{
  readonly url: string;
  readonly database: Database;
  close(): Promise<void>;
}> {
  const { url, close } = await createTestDatabase();
  const database = await openDatabase({ url, poolSize, applicationName: 'gatehouse-test' });
  return {
    url,
    database,
    close: async () => {
      await database.close();
      await close();
    },
  };
}

/** Every statement that reaches the server while `work` runs, BEGIN and COMMIT included. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<readonly string[]> {
  const statements: string[] = [];
  const { dataSource } = database;
  const { logger } = dataSource;
  const nothing = (): void => undefined;
  const recorder: Logger = {
    logQuery: (query) => {
      statements.push(query);
    },
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
  const pool = (
    dataSource.driver as unknown as { readonly master: { query: (text: string, values: unknown[]) => unknown } }
  ).master;
  const { query } = pool;
  dataSource.logger = recorder;
  pool.query = (text: string, values: unknown[]) => {
    statements.push(text);
    return query.call(pool, text, values);
  };
  try {
    await work();
  } finally {
    dataSource.logger = logger;
    pool.query = query;
  }
  return statements;
}
