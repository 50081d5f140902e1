export { type AccountStoreFixture, accountStoreContract } from './account.store.contract.js';
export { attemptCounterContract } from './attempt-counter.contract.js';
export { MemoryAuditLog, StoppedClock, TransparentPasswordHasher } from './fakes.js';
export { MemoryAccountStore } from './memory-account.store.js';
export { MemoryAttemptCounter } from './memory-attempt-counter.js';
export { MemorySessionStore } from './memory-session.store.js';
export { type SessionStoreFixture, sessionStoreContract } from './session.store.contract.js';
