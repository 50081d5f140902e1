import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * One row a token family. A rotation must stay a heap-only update (no index written), so nothing that it changes is in an
 * index, pages keep room for the next version, and what it changes stands together at the end of the row, because the WAL
 * leaves out what two versions have in common at both ends.
 * `ends_on` is the day (UTC) on which the row ends as far as is known: of expiry, idle expiry and revocation the earliest.
 * The clean-up finds rows by it. An index on idle_expires_at itself would be written at every rotation, this one only at
 * the first rotation of a day.
 */
export class Authorizations1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE authorizations (
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        authenticated_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        client_id text NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        replay_key bytea,
        revoked_at timestamptz,
        revocation_reason text,
        ends_on date NOT NULL,
        generation integer,
        rotated_at timestamptz,
        idle_expires_at timestamptz,
        current_hash bytea,
        previous_hash bytea,
        nonce bytea,
        CONSTRAINT authorizations_pkey PRIMARY KEY (id),
        CONSTRAINT authorizations_refresh_is_whole
          CHECK (num_nulls(replay_key, generation, idle_expires_at, current_hash) IN (0, 4))
      ) WITH (fillfactor = 80)`);
    await runner.query(`CREATE INDEX authorizations_ends_on ON authorizations (ends_on)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE authorizations`);
  }
}
