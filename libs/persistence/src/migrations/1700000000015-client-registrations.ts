import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How dynamic clients came, who may manage them, and whether they were ever used. In tables of their own: the row of a client
 * is read at each request and should not be rewritten for a date.
 */
export class ClientRegistrations1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE client_usage (
        client_id text NOT NULL,
        first_used_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        CONSTRAINT client_usage_pkey PRIMARY KEY (client_id)
      ) WITH (fillfactor = 80)`);
    await runner.query(`
      CREATE TABLE client_registrations (
        client_id text NOT NULL,
        management_token bytea,
        fingerprint bytea,
        unused_since timestamptz,
        CONSTRAINT client_registrations_pkey PRIMARY KEY (client_id)
      ) WITH (fillfactor = 80)`);
    await runner.query(`
      CREATE TABLE initial_access_tokens (
        id uuid NOT NULL,
        hash bytea NOT NULL,
        label text NOT NULL,
        uses_left integer NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        CONSTRAINT initial_access_tokens_pkey PRIMARY KEY (id),
        CONSTRAINT initial_access_tokens_hash UNIQUE (hash)
      )`);
    // What is there begins its quarantine now, unless an authorization shows that it was used.
    await runner.query(`
      INSERT INTO client_usage (client_id, first_used_at, last_used_at)
      SELECT client_id, min(created_at), max(COALESCE(rotated_at, created_at)) FROM authorizations GROUP BY client_id`);
    await runner.query(`
      INSERT INTO client_registrations (client_id, unused_since)
      SELECT id, CASE WHEN EXISTS (SELECT FROM client_usage WHERE client_id = id) THEN NULL ELSE now() END
        FROM clients WHERE origin = 'dynamic'`);
    await runner.query(`CREATE UNIQUE INDEX client_registrations_fingerprint ON client_registrations (fingerprint)`);
    await runner.query(`
      CREATE INDEX client_registrations_unused_since ON client_registrations (unused_since)
       WHERE unused_since IS NOT NULL`);
    // For the clean-up, which spares clients whose person is on the way.
    await runner.query(`CREATE INDEX interactions_client_id ON interactions ((request ->> 'clientId'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX interactions_client_id`);
    await runner.query(`DROP TABLE initial_access_tokens`);
    await runner.query(`DROP TABLE client_registrations`);
    await runner.query(`DROP TABLE client_usage`);
  }
}
