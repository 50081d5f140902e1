import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Keys that codes and families of refresh tokens are bound to, clients that want no other tokens, and which proofs were
 * shown. A replica of the version before writes no bindings, and would not look at them either.
 */
export class Dpop1700000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE clients ADD COLUMN dpop_bound_access_tokens boolean NOT NULL DEFAULT false`);
    await runner.query(`ALTER TABLE authorization_codes ADD COLUMN dpop_jkt text`);
    await runner.query(`ALTER TABLE authorizations ADD COLUMN dpop_jkt text`);
    await runner.query(`
      CREATE TABLE used_proofs (
        id bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT used_proofs_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX used_proofs_expires_at ON used_proofs (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE used_proofs`);
    // Without its key a bound family would be anybody's.
    await runner.query(`DELETE FROM authorizations WHERE dpop_jkt IS NOT NULL`);
    await runner.query(`DELETE FROM authorization_codes WHERE dpop_jkt IS NOT NULL`);
    await runner.query(`ALTER TABLE authorizations DROP COLUMN dpop_jkt`);
    await runner.query(`ALTER TABLE authorization_codes DROP COLUMN dpop_jkt`);
    await runner.query(`ALTER TABLE clients DROP COLUMN dpop_bound_access_tokens`);
  }
}
