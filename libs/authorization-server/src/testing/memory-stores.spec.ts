import { assertionReplayStoreContract } from './assertion-replay-store.contract.js';
import { authorizationCodeStoreContract } from './authorization-code-store.contract.js';
import { authorizationStoreContract } from './authorization-store.contract.js';
import { clientStoreContract } from './client-store.contract.js';
import { deviceAuthorizationStoreContract } from './device-authorization-store.contract.js';
import { interactionStoreContract } from './interaction-store.contract.js';
import { pushedRequestStoreContract } from './pushed-request-store.contract.js';
import { resourceStoreContract } from './resource-store.contract.js';
import { memoryStoreFixture } from './store-fixture.js';

assertionReplayStoreContract('MemoryAssertionReplayStore', memoryStoreFixture);
clientStoreContract('MemoryClientStore', memoryStoreFixture);
resourceStoreContract('MemoryResourceStore', memoryStoreFixture);
interactionStoreContract('MemoryInteractionStore', memoryStoreFixture);
authorizationCodeStoreContract('MemoryAuthorizationCodeStore', memoryStoreFixture);
authorizationStoreContract('MemoryAuthorizationStore', memoryStoreFixture);
pushedRequestStoreContract('MemoryPushedRequestStore', memoryStoreFixture);
deviceAuthorizationStoreContract('MemoryDeviceAuthorizationStore', memoryStoreFixture);
