import { accessPolicyStoreContract } from './access-policy-store.contract.js';
import { assertionReplayStoreContract } from './assertion-replay-store.contract.js';
import { authorizationCodeStoreContract } from './authorization-code-store.contract.js';
import { authorizationStoreContract } from './authorization-store.contract.js';
import { clientAdministrationStoreContract } from './client-administration-store.contract.js';
import { clientStoreContract } from './client-store.contract.js';
import { clientUsageStoreContract } from './client-usage-store.contract.js';
import { initialAccessTokenStoreContract } from './initial-access-token-store.contract.js';
import { registrationStoreContract } from './registration-store.contract.js';
import { deviceAuthorizationStoreContract } from './device-authorization-store.contract.js';
import { exchangeStoreContract } from './exchange-store.contract.js';
import { interactionStoreContract } from './interaction-store.contract.js';
import { proofReplayStoreContract } from './proof-replay-store.contract.js';
import { pushedRequestStoreContract } from './pushed-request-store.contract.js';
import { preRegistrationStoreContract } from './pre-registration-store.contract.js';
import { resourceStoreContract } from './resource-store.contract.js';
import { logoutNoticeStoreContract } from './logout-notice-store.contract.js';
import { MemoryLogoutNoticeStore } from './memory-logout-notice.store.js';
import { memoryStoreFixture, memoryStores } from './store-fixture.js';

accessPolicyStoreContract('MemoryAccessPolicyStore', memoryStoreFixture);
assertionReplayStoreContract('MemoryAssertionReplayStore', memoryStoreFixture);
proofReplayStoreContract('MemoryProofReplayStore', memoryStoreFixture);
clientStoreContract('MemoryClientStore', memoryStoreFixture);
clientAdministrationStoreContract('MemoryClientAdministrationStore', memoryStoreFixture);
clientUsageStoreContract('MemoryClientUsageStore', memoryStoreFixture);
initialAccessTokenStoreContract('MemoryInitialAccessTokenStore', memoryStoreFixture);
registrationStoreContract('MemoryRegistrationStore', memoryStoreFixture);
preRegistrationStoreContract('MemoryPreRegistrationStore', memoryStoreFixture);
resourceStoreContract('MemoryResourceStore', memoryStoreFixture);
interactionStoreContract('MemoryInteractionStore', memoryStoreFixture);
authorizationCodeStoreContract('MemoryAuthorizationCodeStore', memoryStoreFixture);
authorizationStoreContract('MemoryAuthorizationStore', memoryStoreFixture);
pushedRequestStoreContract('MemoryPushedRequestStore', memoryStoreFixture);
exchangeStoreContract('MemoryExchangeStore', memoryStoreFixture);
deviceAuthorizationStoreContract('MemoryDeviceAuthorizationStore', memoryStoreFixture);
logoutNoticeStoreContract(async () => {
  const { database, clients } = memoryStores();
  const notices = new MemoryLogoutNoticeStore(database);
  return {
    notices,
    stores: {
      clients,
      addAccount: async () => database.addAccount(),
      disableClient: async (id) => {
        database.disableClient(id, new Date(0));
      },
      auditTrail: async () => database.audit,
    },
    add: async (notice) => {
      notices.add(notice);
    },
  };
});
