import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../migrate.js';

export interface TestDatabase {
  readonly url: string;
  /** Drops the database once its connections are gone; it is left to the end of the cluster where one is still there. */
  close(): Promise<void>;
}

/**
 * A database of its own for one spec, with all migrations unless `empty`. Needs TEST_DATABASE_URL, the address of a
 * server and of an account that may create databases.
 */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) throw new Error('TEST_DATABASE_URL is not set');
  const name = `t_${randomBytes(8).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name} STRATEGY FILE_COPY`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (options.empty !== true) await migrate(url.href);
  return {
    url: url.href,
    // Never WITH (FORCE): a pool that is still closing would report the kill as an error of the test.
    close: () => execute(server, `DROP DATABASE ${name}`).catch(() => undefined),
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
