import { sessionStoreContract } from '@gatehouse/identity/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { PgAccountStore } from '../accounts/account.store.js';
import { openTestDatabase, storedAuditEvents } from '../testing/index.js';
import { PgSessionStore } from './session.store.js';

let test: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

sessionStoreContract(async () => ({
  sessions: new PgSessionStore(test.database),
  accounts: new PgAccountStore(test.database),
  disable: async (id, at) => {
    await test.database.query(`UPDATE accounts SET disabled_at = $2 WHERE id = $1 RETURNING id`, [id, at]);
  },
  audit: async (id) => (await storedAuditEvents(test.database)).filter(({ accountId }) => accountId === id),
}));
