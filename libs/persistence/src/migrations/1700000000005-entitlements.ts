import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Entitlements1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE entitlements (
        account_id uuid NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        CONSTRAINT entitlements_pkey PRIMARY KEY (account_id, resource)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE entitlements`);
  }
}
