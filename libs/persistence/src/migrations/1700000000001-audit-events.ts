import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Append-only. The trigger is against mistakes and against SQL that should never have run, not against the owner of the
 * table, who can drop it: tamper evidence towards an operator needs a copy outside this database.
 * Time is found by BRIN, for events come in that order: it costs next to nothing at each insert.
 */
export class AuditEvents1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_events (
        id bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        type text NOT NULL,
        reason text,
        client_id text,
        account_id uuid,
        authorization_id uuid,
        resource text,
        scopes text[],
        detail jsonb,
        CONSTRAINT audit_events_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX audit_events_at ON audit_events USING brin (at)`);
    await runner.query(
      `CREATE INDEX audit_events_account ON audit_events (account_id, id) WHERE (account_id IS NOT NULL)`,
    );
    await runner.query(
      `CREATE INDEX audit_events_client ON audit_events (client_id, id) WHERE (client_id IS NOT NULL)`,
    );
    await runner.query(`
      CREATE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_events`);
    await runner.query(`DROP FUNCTION refuse_change_of_audit_events()`);
  }
}
