import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What an ID token tells: a public name of the session, how the person was recognised, the client's nonce; and what
 * userinfo tells of an account. The defaults of `sessions` are what a replica of the version before means by a session,
 * for it goes on writing some while this one starts; what it approves has no session, and its journeys ask to sign in.
 */
export class Openid1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE accounts
        ADD COLUMN email text,
        ADD COLUMN email_verified boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT accounts_verified_email_is_there CHECK (email IS NOT NULL OR NOT email_verified)`);
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN sid uuid NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN acr text NOT NULL DEFAULT 'urn:gatehouse:acr:1fa',
        ADD COLUMN amr text[] NOT NULL DEFAULT '{pwd}',
        ADD CONSTRAINT sessions_sid_key UNIQUE (sid)`);
    for (const table of ['interactions', 'authorization_codes', 'device_authorizations', 'authorizations'])
      await runner.query(`
        ALTER TABLE ${table}
          ADD COLUMN sid uuid,
          ADD COLUMN acr text,
          ADD COLUMN amr text[],
          ADD CONSTRAINT ${table}_session_is_whole CHECK (num_nulls(sid, acr, amr) IN (0, 3))`);
    await runner.query(`ALTER TABLE authorization_codes ADD COLUMN nonce text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE authorization_codes DROP COLUMN nonce`);
    for (const table of ['interactions', 'authorization_codes', 'device_authorizations', 'authorizations', 'sessions'])
      await runner.query(`ALTER TABLE ${table} DROP COLUMN sid, DROP COLUMN acr, DROP COLUMN amr`);
    await runner.query(`ALTER TABLE accounts DROP COLUMN email, DROP COLUMN email_verified`);
  }
}
