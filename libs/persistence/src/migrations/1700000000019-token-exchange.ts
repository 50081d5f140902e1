import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Which tokens a client may exchange, and what an authorization was derived from. The parent is in an index, so that a
 * revocation finds all that hangs on it; a rotation does not change it, and so still writes no index. No foreign key:
 * the clean-up deletes in the order of ends, and an authorization without its parent is dead in any case.
 */
export class TokenExchange1700000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clients ADD COLUMN exchanges jsonb`);
    await runner.query(`ALTER TABLE authorizations ADD COLUMN parent_id uuid`);
    await runner.query(
      `CREATE INDEX authorizations_parent_id ON authorizations (parent_id) WHERE (parent_id IS NOT NULL)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM authorizations WHERE parent_id IS NOT NULL`);
    await runner.query(`ALTER TABLE authorizations DROP COLUMN parent_id`);
    await runner.query(`ALTER TABLE clients DROP COLUMN exchanges`);
  }
}
