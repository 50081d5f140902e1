import type { AccountId } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import { factorStoresContract, MemoryAccountStore, MemoryFactorStore, MemoryPendingSignInStore } from './index.js';

factorStoresContract(async () => {
  const accounts = new MemoryAccountStore();
  const pending = new MemoryPendingSignInStore(accounts);
  const factors = new MemoryFactorStore(pending);
  const at = new Date();
  return {
    factors,
    pending,
    addAccount: async () => {
      const id = randomUUID() as AccountId;
      await accounts.create({ id, username: id, displayName: 'Anna', createdAt: at }, { type: 'account.created', at });
      return id;
    },
    disable: async (id) => {
      accounts.disable(id, at);
    },
    audit: async (id) => factors.audit.filter(({ accountId }) => accountId === id),
  };
});
