import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * No table refers to this one by a foreign key, nor to accounts or resources: the check would lock the same few rows at
 * every code and authorization. A party that is gone is `unknown` in the standing, and that closes like `disabled`.
 */
export class Clients1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE clients (
        id text NOT NULL,
        origin text NOT NULL,
        name text NOT NULL,
        application_type text NOT NULL,
        redirect_uris text[] NOT NULL,
        grant_types text[] NOT NULL,
        auth_method text NOT NULL,
        secrets jsonb NOT NULL,
        scopes text[],
        client_uri text,
        software_id text,
        software_version text,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT clients_pkey PRIMARY KEY (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE clients`);
  }
}
