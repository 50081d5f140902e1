/**
 * The one door to PostgreSQL: stores say a statement, and here its errors become what the cores know. Hot paths are one
 * prepared statement by `query`; administration uses TypeORM's repositories inside `transaction`.
 */
import type pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { dataSourceOptions, type DatabaseOptions } from './data-source.js';
import { asStoreFailure, isWorthRetrying } from './store-failure.js';

export class Database {
  /** TypeORM's own: what it adds around one statement costs as much as the statement. */
  readonly #pool: pg.Pool;

  constructor(readonly dataSource: DataSource) {
    this.#pool = (dataSource.driver as unknown as { readonly master: pg.Pool }).master;
  }

  /**
   * One statement, committed when it returns. A statement that changes ends in a SELECT of what it changed, or in
   * RETURNING.
   * @throws OAuthError temporarily_unavailable (store_unavailable): it may or may not have been carried out
   * @throws StoreFailure when the statement itself is wrong
   */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#translated(async () => (await this.#pool.query<Row>(text, [...values])).rows);
  }

  /** Whether the statement returned a row: for verbs of which one caller wins. */
  async succeeds(text: string, values: readonly unknown[]): Promise<boolean> {
    return (await this.query(text, values)).length > 0;
  }

  /** Committed when `work` has returned. It may run twice (serialisation, deadlock): no effect but the database's. */
  async transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.#translated(() => this.dataSource.transaction(work));
  }

  /** @throws OAuthError temporarily_unavailable when the database does not answer */
  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  async #translated<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt().catch((error: unknown) => {
        if (isWorthRetrying(error)) return attempt();
        throw error;
      });
    } catch (error) {
      throw asStoreFailure(error);
    }
  }
}

/** @throws OAuthError temporarily_unavailable (store_unavailable) when the database cannot be reached */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  try {
    return new Database(await new DataSource(dataSourceOptions(options)).initialize());
  } catch (error) {
    throw asStoreFailure(error);
  }
}
