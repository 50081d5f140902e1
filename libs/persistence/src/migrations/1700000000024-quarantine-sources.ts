import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Clients that publish a document are in quarantine too until they are used, and each is known by who is behind it. Audit
 * events may be deleted, by a transaction that says that it means those whose time is over; all else is still refused.
 */
export class QuarantineSources1700000000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE client_registrations ADD COLUMN source bytea`);
    await runner.query(`
      INSERT INTO client_registrations (client_id, unused_since)
      SELECT id, CASE WHEN EXISTS (SELECT FROM client_usage WHERE client_id = id) THEN NULL ELSE document_fetched_at END
        FROM clients WHERE origin = 'metadata-document'
      ON CONFLICT (client_id) DO NOTHING`);
    await runner.query(`
      CREATE OR REPLACE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' AND current_setting('gatehouse.audit_events_are_over', true) = 'yes' THEN
          RETURN NULL;
        END IF;
        RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await runner.query(`
      DELETE FROM client_registrations USING clients
       WHERE clients.id = client_id AND clients.origin = 'metadata-document'`);
    await runner.query(`ALTER TABLE client_registrations DROP COLUMN source`);
  }
}
