import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who may get which scope of which resource. As long as it is empty, what people were entitled to is all they have. */
export class AccessRules1700000000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE access_rules (
        id text NOT NULL,
        resource text NOT NULL,
        scopes text[] NOT NULL,
        groups text[],
        accounts uuid[],
        clients text[],
        client_trust text NOT NULL,
        CONSTRAINT access_rules_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX access_rules_resource ON access_rules (resource)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE access_rules`);
  }
}
