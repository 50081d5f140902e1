import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Resources1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE resource_servers (
        id text NOT NULL,
        secrets jsonb NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT resource_servers_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`
      CREATE TABLE resources (
        identifier text NOT NULL,
        name text NOT NULL,
        scopes jsonb NOT NULL,
        default_scopes text[] NOT NULL,
        server_id text NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT resources_pkey PRIMARY KEY (identifier)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE resources`);
    await runner.query(`DROP TABLE resource_servers`);
  }
}
