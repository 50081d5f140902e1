import {
  MemoryAccountStore,
  MemoryAttemptCounter,
  MemorySessionStore,
  accountStoreContract,
  attemptCounterContract,
  sessionStoreContract,
} from './index.js';

accountStoreContract(async () => {
  const accounts = new MemoryAccountStore();
  return {
    accounts,
    disable: async (id, at) => {
      accounts.disable(id, at);
    },
    audit: async (id) => accounts.audit.filter(({ accountId }) => accountId === id),
  };
});

sessionStoreContract(async () => {
  const accounts = new MemoryAccountStore();
  const sessions = new MemorySessionStore(accounts);
  return {
    sessions,
    accounts,
    disable: async (id, at) => {
      accounts.disable(id, at);
    },
    audit: async (id) => sessions.audit.filter(({ accountId }) => accountId === id),
  };
});

attemptCounterContract(async () => new MemoryAttemptCounter());
