import { factorStoresContract } from '@gatehouse/identity/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { DISABLE, pgStoreFixture, type PgStoreFixture } from '../testing/pg-store-fixture.js';
import { PgFactorStore } from './factor.store.js';
import { PgPendingSignInStore } from './pending-sign-in.store.js';

let fixture: PgStoreFixture;
beforeAll(async () => {
  fixture = await pgStoreFixture();
});
afterAll(() => fixture.close());

factorStoresContract(async () => ({
  factors: new PgFactorStore(fixture.database),
  pending: new PgPendingSignInStore(fixture.database),
  addAccount: () => fixture.addAccount(),
  disable: async (id) => {
    await fixture.database.query(DISABLE.account, [id]);
  },
  audit: async (id) => (await fixture.auditTrail()).filter(({ accountId }) => accountId === id),
}));
