import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Accounts1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE accounts (
        id uuid NOT NULL,
        username text NOT NULL,
        display_name text NOT NULL,
        password_hash text,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT accounts_pkey PRIMARY KEY (id),
        CONSTRAINT accounts_username_key UNIQUE (username)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE accounts`);
  }
}
