import { usedAssertionStoreContract } from '@gatehouse/identity/testing';
import { openTestDatabase } from '../testing/index.js';
import { PgUsedAssertionStore } from './used-assertion.store.js';

usedAssertionStoreContract('PgUsedAssertionStore', async () => {
  const test = await openTestDatabase();
  return { store: new PgUsedAssertionStore(test.database), close: () => test.close() };
});
