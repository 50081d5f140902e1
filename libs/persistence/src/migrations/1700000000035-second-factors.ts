import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What people have beside their password, sign-ins between their two steps, and where sessions were begun. */
export class SecondFactors1700000000035 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE factors (
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        kind text NOT NULL,
        name text NOT NULL,
        sealed_secret text,
        last_step bigint,
        credential_id text,
        public_key bytea,
        counter bigint,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        CONSTRAINT factors_pkey PRIMARY KEY (id),
        CONSTRAINT factors_credential_id_key UNIQUE (credential_id)
      )`);
    await runner.query(`CREATE INDEX factors_account_id ON factors (account_id)`);
    await runner.query(`
      CREATE TABLE recovery_codes (
        account_id uuid NOT NULL,
        hash text NOT NULL,
        CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, hash)
      )`);
    await runner.query(`
      CREATE TABLE pending_sign_ins (
        place bytea NOT NULL,
        browser bytea NOT NULL,
        account_id uuid,
        challenge text NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (place, browser)
      )`);
    await runner.query(`CREATE INDEX pending_sign_ins_expires_at ON pending_sign_ins (expires_at)`);
    await runner.query(`ALTER TABLE sessions ADD COLUMN network text, ADD COLUMN browser text`);
    await runner.query(`CREATE INDEX sessions_account_id ON sessions (account_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX sessions_account_id`);
    await runner.query(`ALTER TABLE sessions DROP COLUMN network, DROP COLUMN browser`);
    await runner.query(`DROP TABLE pending_sign_ins`);
    await runner.query(`DROP TABLE recovery_codes`);
    await runner.query(`DROP TABLE factors`);
  }
}
