import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class SigningKeys1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signing_keys (
        ordinal integer GENERATED ALWAYS AS IDENTITY,
        kid text NOT NULL,
        algorithm text NOT NULL,
        public_jwk jsonb NOT NULL,
        sealed_private_key text NOT NULL,
        published_at timestamptz NOT NULL,
        activates_at timestamptz NOT NULL,
        withdraw_at timestamptz,
        CONSTRAINT signing_keys_pkey PRIMARY KEY (ordinal),
        CONSTRAINT signing_keys_kid_key UNIQUE (kid)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE signing_keys`);
  }
}
