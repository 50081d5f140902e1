import { MemorySigningKeyStore } from './memory-signing-key.store.js';
import { signingKeyStoreContract } from './signing-key-store.contract.js';

signingKeyStoreContract(() => {
  const store = new MemorySigningKeyStore();
  return { store, events: () => Promise.resolve(store.events) };
});
