import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class AuthorizationCodes1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE authorization_codes (
        hash bytea NOT NULL,
        client_id text NOT NULL,
        account_id uuid NOT NULL,
        redirect_uri text NOT NULL,
        redirect_uri_was_sent boolean NOT NULL,
        code_challenge text NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        authenticated_at timestamptz NOT NULL,
        issued_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        redeemed_at timestamptz,
        authorization_id uuid,
        CONSTRAINT authorization_codes_pkey PRIMARY KEY (hash)
      ) WITH (fillfactor = 80)`);
    await runner.query(`CREATE INDEX authorization_codes_expires_at ON authorization_codes (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE authorization_codes`);
  }
}
