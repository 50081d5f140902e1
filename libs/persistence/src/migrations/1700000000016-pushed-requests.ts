import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class PushedRequests1700000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pushed_requests (
        id bytea NOT NULL,
        client_id text NOT NULL,
        parameters jsonb NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pushed_requests_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX pushed_requests_expires_at ON pushed_requests (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE pushed_requests`);
  }
}
