import { accountStoreContract } from '@gatehouse/identity/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { openTestDatabase, storedAuditEvents } from '../testing/index.js';
import { PgAccountStore } from './account.store.js';

let test: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

accountStoreContract(async () => ({
  accounts: new PgAccountStore(test.database),
  disable: async (id, at) => {
    await test.database.query(`UPDATE accounts SET disabled_at = $2 WHERE id = $1 RETURNING id`, [id, at]);
  },
  audit: async (id) => (await storedAuditEvents(test.database)).filter(({ accountId }) => accountId === id),
}));
