import { signingKeyStoreContract } from '@gatehouse/authorization-server/testing';
import { afterAll } from '@jest/globals';
import { openTestDatabase, storedAuditEvents } from '../testing/index.js';
import { PgSigningKeyStore } from './signing-key.store.js';

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

signingKeyStoreContract(async () => {
  const test = await openTestDatabase();
  opened.push(test);
  return { store: new PgSigningKeyStore(test.database), events: () => storedAuditEvents(test.database) };
});
