import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Anybody may register a client, so one that nobody ever approved must not stay for ever. `unused_since` is the day of its
 * registration until the first approval, and NULL from then on, whatever becomes of what was approved: a client that keeps
 * its id must find it again. The clean-up finds rows by it, and the index holds only those it could delete one day.
 */
export class UnusedClients1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clients ADD COLUMN unused_since timestamptz`);
    await runner.query(`
      UPDATE clients SET unused_since = created_at
       WHERE origin = 'dynamic'
         AND NOT EXISTS (SELECT FROM consents WHERE consents.client_id = clients.id)
         AND NOT EXISTS (SELECT FROM authorizations WHERE authorizations.client_id = clients.id)`);
    await runner.query(`CREATE INDEX clients_unused_since ON clients (unused_since) WHERE (unused_since IS NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX clients_unused_since`);
    await runner.query(`ALTER TABLE clients DROP COLUMN unused_since`);
  }
}
