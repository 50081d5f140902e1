export { MemorySigningKeyStore } from '../keys/testing/memory-signing-key.store.js';
export { signingKeyStoreContract, type SigningKeyStoreFixture } from '../keys/testing/signing-key-store.contract.js';
