import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Who administered (a person or a client), what a client demands of its own requests and signatures, and the ways to find
 * clients one page after the other and all that was allowed to one. A rotation changes no client id, so it still writes no
 * index. The order of pages must not depend on the locale of a database, so it is that of the bytes.
 */
export class Administration1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE audit_events ADD COLUMN actor_id text`);
    await runner.query(`
      ALTER TABLE clients
        ADD COLUMN require_pushed_requests boolean NOT NULL DEFAULT false,
        ADD COLUMN assertion_algorithm text`);
    await runner.query(`CREATE INDEX clients_in_order ON clients (id COLLATE "C")`);
    await runner.query(`CREATE INDEX authorizations_client_id ON authorizations (client_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX authorizations_client_id`);
    await runner.query(`DROP INDEX clients_in_order`);
    await runner.query(`ALTER TABLE clients DROP COLUMN require_pushed_requests, DROP COLUMN assertion_algorithm`);
    await runner.query(`ALTER TABLE audit_events DROP COLUMN actor_id`);
  }
}
