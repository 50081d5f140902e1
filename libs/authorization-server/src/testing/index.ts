export { MemorySigningKeyStore } from '../keys/testing/memory-signing-key.store.js';
export { signingKeyStoreContract, type SigningKeyStoreFixture } from '../keys/testing/signing-key-store.contract.js';
export { assertionReplayStoreContract } from './assertion-replay-store.contract.js';
export { authorizationCodeStoreContract } from './authorization-code-store.contract.js';
export { authorizationStoreContract } from './authorization-store.contract.js';
export { clientStoreContract } from './client-store.contract.js';
export { interactionStoreContract } from './interaction-store.contract.js';
export { MemoryAssertionReplayStore } from './memory-assertion-replay.store.js';
export { MemoryAuthorizationCodeStore } from './memory-authorization-code.store.js';
export { MemoryAuthorizationStore } from './memory-authorization.store.js';
export { MemoryClientStore } from './memory-client.store.js';
export { MemoryConsentStore } from './memory-consent.store.js';
export { MemoryDatabase } from './memory-database.js';
export { MemoryEntitlementStore } from './memory-entitlement.store.js';
export { MemoryInteractionStore } from './memory-interaction.store.js';
export { MemoryResourceStore } from './memory-resource.store.js';
export { resourceStoreContract } from './resource-store.contract.js';
export { type MakeStoreFixture, type StoreFixture, memoryStoreFixture, memoryStores } from './store-fixture.js';
export {
  aBirth,
  aClient,
  aCode,
  anyHash,
  anySecretHash,
  aRefreshState,
  aRequest,
  aResource,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenInteraction,
  givenParties,
  type Parties,
  rotated,
} from './store-seeds.js';
export { TestKeySource } from './test-key-source.js';
