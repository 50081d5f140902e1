import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class DeviceAuthorizations1700000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE device_authorizations (
        code bytea NOT NULL,
        user_code bytea NOT NULL,
        client_id text NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        network text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        poll_interval integer NOT NULL,
        polled_at timestamptz,
        polled_too_soon boolean NOT NULL DEFAULT false,
        decided_at timestamptz,
        denial_reason text,
        account_id uuid,
        authenticated_at timestamptz,
        approved_scopes text[],
        redeemed_at timestamptz,
        authorization_id uuid,
        CONSTRAINT device_authorizations_pkey PRIMARY KEY (code),
        CONSTRAINT device_authorizations_user_code_key UNIQUE (user_code)
      ) WITH (fillfactor = 70)`);
    await runner.query(`CREATE INDEX device_authorizations_expires_at ON device_authorizations (expires_at)`);
    // Registration looks whether a client's device waits before it makes room.
    await runner.query(`CREATE INDEX device_authorizations_client_id ON device_authorizations (client_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE device_authorizations`);
  }
}
