import { clientAdministrationStoreContract } from '@gatehouse/authorization-server/testing';
import { type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PgStoreFixture, pgStoreFixture, statementsOf } from '../testing/index.js';

clientAdministrationStoreContract('PgClientAdministrationStore', () => pgStoreFixture());

describe('administration', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  it('costs one statement a page, and a transaction of two statements to end what a client was allowed', async () => {
    const id = 'nobody' as ClientId;
    const audit = { type: 'client.revoked', at: new Date(), clientId: id } as const;
    const { administration, database } = fixture;
    expect(await statementsOf(database, () => administration.page({ limit: 50 }))).toHaveLength(1);
    expect(await statementsOf(database, () => administration.setDisabled(id, new Date(), audit))).toHaveLength(1);
    const ending = await statementsOf(database, () => administration.revokeAll(id, audit));
    expect(ending.filter((text) => /^\s*(?:SELECT|WITH)/.test(text))).toHaveLength(1);
    await database.query(
      `INSERT INTO clients (id, origin, name, application_type, redirect_uris, grant_types, auth_method, secrets, created_at)
       VALUES ($1, 'dynamic', 'Nobody', 'web', '{}', '{}', 'none', '[]', now())`,
      [id],
    );
    const found = await statementsOf(database, () => administration.revokeAll(id, audit));
    expect(found.filter((text) => /^\s*(?:SELECT|WITH)/.test(text))).toHaveLength(2);
  });

  it('finds a page and the authorizations of a client by index', async () => {
    const planned = async (query: string) => {
      const plan = await fixture.database.transaction(async (manager) => {
        await manager.query('SET LOCAL enable_seqscan = off');
        return manager.query<object[]>(`EXPLAIN ${query}`);
      });
      return JSON.stringify(plan);
    };
    expect(
      await planned(`SELECT id FROM clients WHERE id COLLATE "C" > 'a' ORDER BY id COLLATE "C" LIMIT 5`),
    ).toContain('clients_in_order');
    expect(await planned(`SELECT id FROM authorizations WHERE client_id = 'a'`)).toContain('authorizations_client_id');
  });
});
