export { MemorySigningKeyStore } from '../keys/testing/memory-signing-key.store.js';
export { signingKeyStoreContract, type SigningKeyStoreFixture } from '../keys/testing/signing-key-store.contract.js';
export { accessPolicyStoreContract } from './access-policy-store.contract.js';
export { MemoryAccessPolicyStore } from './memory-access-policy.store.js';
export { assertionReplayStoreContract } from './assertion-replay-store.contract.js';
export { authorizationCodeStoreContract } from './authorization-code-store.contract.js';
export { authorizationStoreContract } from './authorization-store.contract.js';
export { clientAdministrationStoreContract } from './client-administration-store.contract.js';
export { clientStoreContract } from './client-store.contract.js';
export { deviceAuthorizationStoreContract } from './device-authorization-store.contract.js';
export { logoutNoticeStoreContract, type LogoutNoticeFixture } from './logout-notice-store.contract.js';
export { MemoryLogoutNoticeStore } from './memory-logout-notice.store.js';
export { interactionStoreContract } from './interaction-store.contract.js';
export { MemoryAssertionReplayStore } from './memory-assertion-replay.store.js';
export { MemoryAuthorizationCodeStore } from './memory-authorization-code.store.js';
export { MemoryAuthorizationStore } from './memory-authorization.store.js';
export { clientUsageStoreContract } from './client-usage-store.contract.js';
export { MemoryClientUsageStore } from './memory-client-usage.store.js';
export { MemoryInitialAccessTokenStore } from './memory-initial-access-token.store.js';
export { MemoryRegistrationStore } from './memory-registration.store.js';
export { initialAccessTokenStoreContract } from './initial-access-token-store.contract.js';
export { registrationStoreContract } from './registration-store.contract.js';
export { MemoryClientAdministrationStore } from './memory-client-administration.store.js';
export { MemoryClientStore } from './memory-client.store.js';
export { MemoryConsentStore } from './memory-consent.store.js';
export { MemoryDatabase } from './memory-database.js';
export { MemoryDeviceAuthorizationStore } from './memory-device-authorization.store.js';
export { MemoryPushedRequestStore } from './memory-pushed-request.store.js';
export { aDerivation, type Derived, exchangeStoreContract, givenGateway } from './exchange-store.contract.js';
export { MemoryExchangeStore } from './memory-exchange.store.js';
export { MemoryEntitlementStore } from './memory-entitlement.store.js';
export { MemoryInteractionStore } from './memory-interaction.store.js';
export { MemoryPreRegistrationStore } from './memory-pre-registration.store.js';
export { MemoryProofReplayStore } from './memory-proof-replay.store.js';
export { MemoryResourceStore } from './memory-resource.store.js';
export { proofReplayStoreContract } from './proof-replay-store.contract.js';
export { pushedRequestStoreContract } from './pushed-request-store.contract.js';
export { preRegistrationStoreContract } from './pre-registration-store.contract.js';
export { resourceStoreContract } from './resource-store.contract.js';
export { type MakeStoreFixture, type StoreFixture, memoryStoreFixture, memoryStores } from './store-fixture.js';
export { documentAnswer, TestDocuments } from './test-documents.js';
export {
  aBirth,
  aClient,
  aPerson,
  aCode,
  aDevice,
  anyHash,
  anySecretHash,
  aRefreshState,
  aRequest,
  aResource,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenDevice,
  givenInteraction,
  givenParties,
  type Parties,
  rotated,
} from './store-seeds.js';
export { SigningClient } from './signing-client.js';
export { TestKeySource } from './test-key-source.js';
