import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** By which provider a session was begun and what that one calls it, to end it with that; and accounts that may always sign in. */
export class SessionsOfProviders1700000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sessions ADD COLUMN provider_id text, ADD COLUMN upstream_session text`);
    await runner.query(`
      CREATE INDEX sessions_provider ON sessions (provider_id, upstream_session) WHERE (provider_id IS NOT NULL)`);
    await runner.query(`ALTER TABLE accounts ADD COLUMN break_glass boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE accounts DROP COLUMN break_glass`);
    await runner.query(`DROP INDEX sessions_provider`);
    await runner.query(`ALTER TABLE sessions DROP COLUMN provider_id, DROP COLUMN upstream_session`);
  }
}
