import { MemoryAccountStore, MemoryFactorStore, StoppedClock } from '@gatehouse/identity/testing';
import type { AccountId } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { runAccounts } from './accounts-command.js';

describe('the accounts command', () => {
  const id = randomUUID() as AccountId;
  let by: { accounts: MemoryAccountStore; factors: MemoryFactorStore; clock: StoppedClock };
  beforeEach(async () => {
    by = { accounts: new MemoryAccountStore(), factors: new MemoryFactorStore(), clock: new StoppedClock() };
    const at = by.clock.now();
    await by.accounts.create(
      { id, username: 'anna', displayName: 'Anna', createdAt: at },
      { type: 'account.created', at },
    );
    const factor = {
      kind: 'totp',
      id: randomUUID(),
      accountId: id,
      name: 'Phone',
      sealedSecret: 's',
      createdAt: at,
    } as const;
    await by.factors.add(
      { factor, onlyAsFirst: false, recoveryCodes: ['h'] },
      { type: 'factor.added', at, accountId: id },
    );
  });

  it('removes the factors and recovery codes of one person, on record', async () => {
    expect(await runAccounts(['factors', 'list', 'Anna'], by)).toMatch(/Phone\nrecovery codes left: 1$/);
    expect(await runAccounts(['factors', 'reset', 'anna'], by)).toBe('removed');
    expect(await runAccounts(['factors', 'reset', 'anna'], by)).toBe('there was none');
    expect(by.factors.audit.map(({ type }) => type)).toEqual(['factor.added', 'factors.reset']);
    expect(await by.factors.recoveryCodesLeft(id)).toBe(0);
  });

  it.each([
    [[]],
    [['factors']],
    [['factors', 'reset']],
    [['factors', 'drop', 'anna']],
    [['factors', 'reset', 'a', 'b']],
  ])('says how it is used (%j)', async (args) => {
    await expect(runAccounts(args, by)).rejects.toThrow('usage');
  });

  it('knows nobody of another name', async () => {
    await expect(runAccounts(['factors', 'reset', 'ben'], by)).rejects.toThrow('no such account');
    expect(await by.factors.list(id)).toHaveLength(1);
  });
});
