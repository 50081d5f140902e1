import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Interactions1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE interactions (
        id bytea NOT NULL,
        browser bytea NOT NULL,
        request jsonb NOT NULL,
        account_id uuid,
        authenticated_at timestamptz,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        completed_at timestamptz,
        CONSTRAINT interactions_pkey PRIMARY KEY (id)
      ) WITH (fillfactor = 80)`);
    await runner.query(`CREATE INDEX interactions_expires_at ON interactions (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE interactions`);
  }
}
