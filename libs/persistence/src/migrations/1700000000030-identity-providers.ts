import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Identity providers, whom they vouch for, in which groups these people are, and the browsers that are on their way there.
 * A subject is one account's, and an account has one subject of a provider at most. The index on accounts finds
 * them by their address, in whatever case it is written.
 */
export class IdentityProviders1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity_providers (
        id text NOT NULL,
        kind text NOT NULL,
        name text NOT NULL,
        domains text[] NOT NULL,
        just_in_time boolean NOT NULL,
        settings jsonb NOT NULL,
        sealed_secrets text,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT identity_providers_pkey PRIMARY KEY (id)
      )`);
    await runner.query(`
      CREATE TABLE external_identities (
        issuer text NOT NULL,
        subject text NOT NULL,
        provider_id text NOT NULL,
        account_id uuid NOT NULL,
        made_account boolean NOT NULL,
        linked_at timestamptz NOT NULL,
        CONSTRAINT external_identities_pkey PRIMARY KEY (issuer, subject),
        CONSTRAINT external_identities_one_each UNIQUE (provider_id, account_id)
      )`);
    await runner.query(`CREATE INDEX external_identities_account_id ON external_identities (account_id)`);
    await runner.query(`
      CREATE TABLE account_groups (
        account_id uuid NOT NULL,
        provider_id text NOT NULL,
        name text NOT NULL,
        CONSTRAINT account_groups_pkey PRIMARY KEY (account_id, provider_id, name)
      )`);
    await runner.query(`
      CREATE TABLE sso_logins (
        state bytea NOT NULL,
        browser bytea NOT NULL,
        provider_id text NOT NULL,
        sealed text NOT NULL,
        ticket bytea,
        outcome text,
        expires_at timestamptz NOT NULL,
        CONSTRAINT sso_logins_pkey PRIMARY KEY (state),
        CONSTRAINT sso_logins_ticket_key UNIQUE (ticket)
      )`);
    await runner.query(`CREATE INDEX sso_logins_expires_at ON sso_logins (expires_at)`);
    await runner.query(`CREATE INDEX accounts_email ON accounts (lower(email))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX accounts_email`);
    for (const table of ['sso_logins', 'account_groups', 'external_identities', 'identity_providers'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
