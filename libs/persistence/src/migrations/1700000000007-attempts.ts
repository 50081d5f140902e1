import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Unlogged: a count is written at every attempt, and it is worth seconds to minutes. Nothing is written to the WAL and no
 * commit waits for the disk; after a crash or a fail-over of the database the counters begin anew.
 */
export class Attempts1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE attempts (
        key text NOT NULL,
        made integer NOT NULL,
        window_ends_at timestamptz NOT NULL,
        CONSTRAINT attempts_pkey PRIMARY KEY (key)
      ) WITH (fillfactor = 50)`);
    await runner.query(`CREATE INDEX attempts_window_ends_at ON attempts (window_ends_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE attempts`);
  }
}
