import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Where people may go after they signed out, where clients want to be told, and what they have not been told yet. The index
 * on authorizations finds the clients that got an ID token in a session that ends; others are not in it, and a rotation
 * does not change it, and so still writes no index.
 */
export class Logout1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE clients
        ADD COLUMN post_logout_redirect_uris text[],
        ADD COLUMN backchannel_logout_uri text,
        ADD COLUMN backchannel_logout_session_required boolean NOT NULL DEFAULT false`);
    await runner.query(`
      CREATE TABLE logout_notices (
        id uuid NOT NULL,
        client_id text NOT NULL,
        account_id uuid NOT NULL,
        sid uuid NOT NULL,
        ended_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL,
        CONSTRAINT logout_notices_pkey PRIMARY KEY (id)
      ) WITH (fillfactor = 70)`);
    await runner.query(`CREATE INDEX logout_notices_due_at ON logout_notices (due_at)`);
    await runner.query(`CREATE INDEX authorizations_sid ON authorizations (sid) WHERE ('openid' = ANY (scopes))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX authorizations_sid`);
    await runner.query(`DROP TABLE logout_notices`);
    await runner.query(`
      ALTER TABLE clients
        DROP COLUMN post_logout_redirect_uris,
        DROP COLUMN backchannel_logout_uri,
        DROP COLUMN backchannel_logout_session_required`);
  }
}
