import { MemoryUsedAssertionStore, usedAssertionStoreContract } from '../testing/index.js';

usedAssertionStoreContract('MemoryUsedAssertionStore', () =>
  Promise.resolve({ store: new MemoryUsedAssertionStore(), close: () => Promise.resolve() }),
);
