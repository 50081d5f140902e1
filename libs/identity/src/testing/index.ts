export { type AccountStoreFixture, accountStoreContract } from './account.store.contract.js';
export { attemptCounterContract } from './attempt-counter.contract.js';
export { MemoryAuditLog, StoppedClock, TransparentPasswordHasher } from './fakes.js';
export { MemoryAccountStore } from './memory-account.store.js';
export { MemoryAttemptCounter } from './memory-attempt-counter.js';
export { MemorySessionStore } from './memory-session.store.js';
export {
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySsoLoginStore,
  TransparentVault,
} from './memory-sso.stores.js';
export { type SsoStoresFixture, ssoStoresContract } from './sso-stores.contract.js';
export { type SessionStoreFixture, sessionStoreContract } from './session.store.contract.js';
export { MemoryUsedAssertionStore } from './memory-used-assertion.store.js';
export { usedAssertionStoreContract } from './used-assertion.store.contract.js';
export { type FactorStoresFixture, factorStoresContract } from './factor-stores.contract.js';
export { MemoryFactorStore, MemoryPendingSignInStore } from './memory-factor.stores.js';
