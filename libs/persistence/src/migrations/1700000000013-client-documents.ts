import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Clients that publish a metadata document stand in `clients` like all others, so that they can be disabled, and count in
 * every standing. The row is a copy, and these columns say how old it is.
 */
export class ClientDocuments1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE clients
        ADD COLUMN document_fetched_at timestamptz,
        ADD COLUMN document_expires_at timestamptz,
        ADD COLUMN document_etag text,
        ADD CONSTRAINT clients_document_is_whole CHECK (num_nulls(document_fetched_at, document_expires_at) IN (0, 2))`);
    // For dropping all consents of one client: the primary key begins with the account.
    await runner.query(`CREATE INDEX consents_client_id ON consents (client_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX consents_client_id`);
    await runner.query(`DELETE FROM clients WHERE document_fetched_at IS NOT NULL`);
    await runner.query(`
      ALTER TABLE clients
        DROP CONSTRAINT clients_document_is_whole,
        DROP COLUMN document_fetched_at,
        DROP COLUMN document_expires_at,
        DROP COLUMN document_etag`);
  }
}
