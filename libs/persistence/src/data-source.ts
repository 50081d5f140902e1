import pg from 'pg';
import { type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from './migrations/migrations.js';
import { PreparingPool } from './preparing-pool.js';
import { ROWS } from './rows.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most. More than eight gain only where commits wait for the disk. */
  readonly poolSize: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** An idle connection was lost. The pool has already dropped it; the error is for the log. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** A statement of ours takes milliseconds. One that waits longer waits for a lock, and its caller should try again. */
const STATEMENT_TIMEOUT = 5_000;
const LOCK_TIMEOUT = 3_000;
/** Longer than the server's own limit: it ends a statement whose server or network no longer answers at all. */
const ANSWER_TIMEOUT = 8_000;
/** For a new connection, and for a free one while all are taken: a request in a queue is better refused than kept. */
const CONNECTION_TIMEOUT = 3_000;
/**
 * Statements are planned once a connection, and those of requests find rows by their keys. A plan that was made while the
 * tables were small and reads them whole would still be used when they have grown; so such plans are not made where an
 * index can do it. A table without a fitting index is read whole all the same, and that is not worth compiling.
 */
const BY_KEY = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'].map((name) => `-c ${name}=off`);

export function dataSourceOptions(options: DatabaseOptions): DataSourceOptions {
  return {
    type: 'postgres',
    url: options.url,
    poolSize: options.poolSize,
    applicationName: options.applicationName,
    connectTimeoutMS: CONNECTION_TIMEOUT,
    driver: { ...pg, Pool: PreparingPool },
    // Without a listener the loss of an idle connection would end the process.
    poolErrorHandler: (error: Error & { client?: unknown }) => {
      // pg hangs the whole client on it, and a log would print it.
      delete error.client;
      options.onConnectionLost?.(error);
    },
    extra: {
      options: BY_KEY.join(' '),
      statement_timeout: STATEMENT_TIMEOUT,
      lock_timeout: LOCK_TIMEOUT,
      query_timeout: ANSWER_TIMEOUT,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
    },
    entities: ROWS,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    synchronize: false,
    migrationsRun: false,
    // TypeORM logs parameters, and they are hashes and sealed keys.
    logging: false,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  };
}
