export { type HeldTransaction, holdTransaction, untilBlocked } from './held-transaction.js';
export { openTestDatabase, statementsOf } from './open-test-database.js';
export { DISABLE, pgStoreFixture, type PgStoreFixture } from './pg-store-fixture.js';
export { storedAuditEvents } from './stored-audit-events.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
