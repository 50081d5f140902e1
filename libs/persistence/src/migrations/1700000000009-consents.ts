import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Consents1700000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE consents (
        account_id uuid NOT NULL,
        client_id text NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        granted_at timestamptz NOT NULL,
        CONSTRAINT consents_pkey PRIMARY KEY (account_id, client_id, resource)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE consents`);
  }
}
