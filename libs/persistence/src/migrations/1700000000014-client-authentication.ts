import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Clients that sign: their keys, and which of their assertions were used. Clients that act for themselves: an
 * authorization without an account.
 */
export class ClientAuthentication1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clients ADD COLUMN keys jsonb`);
    await runner.query(`
      CREATE TABLE used_assertions (
        id bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT used_assertions_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at)`);
    await runner.query(`
      ALTER TABLE authorizations
        ALTER COLUMN account_id DROP NOT NULL,
        ALTER COLUMN authenticated_at DROP NOT NULL,
        ADD CONSTRAINT authorizations_person_is_whole CHECK (num_nulls(account_id, authenticated_at) IN (0, 2))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM authorizations WHERE account_id IS NULL`);
    await runner.query(`
      ALTER TABLE authorizations
        DROP CONSTRAINT authorizations_person_is_whole,
        ALTER COLUMN account_id SET NOT NULL,
        ALTER COLUMN authenticated_at SET NOT NULL`);
    await runner.query(`DROP TABLE used_assertions`);
    await runner.query(`ALTER TABLE clients DROP COLUMN keys`);
  }
}
