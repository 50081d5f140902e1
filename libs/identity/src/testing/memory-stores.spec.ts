import {
  MemoryAccountStore,
  MemoryAttemptCounter,
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySessionStore,
  MemorySsoLoginStore,
  accountStoreContract,
  attemptCounterContract,
  sessionStoreContract,
  ssoStoresContract,
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

ssoStoresContract(async () => {
  const accounts = new MemoryAccountStore();
  const sessions = new MemorySessionStore(accounts);
  const providers = new MemoryIdentityProviderStore();
  return {
    providers,
    logins: new MemorySsoLoginStore(),
    identities: new MemoryExternalIdentityStore(accounts, sessions, providers),
    accounts,
    sessions,
    disable: async (id, at) => {
      accounts.disable(id, at);
    },
  };
});

attemptCounterContract(async () => new MemoryAttemptCounter());
