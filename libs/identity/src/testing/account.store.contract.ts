import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account.store.js';

export interface AccountStoreFixture {
  readonly accounts: AccountStore;
  /** There is no verb for it yet: an admin does it. */
  disable(id: AccountId, at: Date): Promise<void>;
  /** Audit events written so far for the account. */
  audit(id: AccountId): Promise<readonly Pick<AuditEvent, 'type'>[]>;
}

/** What every AccountStore guarantees. `open` may hand out the same store every time: usernames are unique to a test. */
export function accountStoreContract(open: () => Promise<AccountStoreFixture>): void {
  describe('AccountStore contract', () => {
    let fixture: AccountStoreFixture;
    const at = new Date('2026-01-01T12:00:00.000Z');
    const created: AuditEvent = { type: 'account.created', at };

    beforeEach(async () => {
      fixture = await open();
    });

    function newAccount(more: Partial<Account> = {}): Account {
      const id = randomUUID() as AccountId;
      return { id, username: `person-${id}`, displayName: 'Zoë 李', passwordHash: 'hash', createdAt: at, ...more };
    }
    async function create(account: Account): Promise<boolean> {
      return fixture.accounts.create(account, { ...created, accountId: account.id });
    }

    it('returns an account by its username and by its id as it was created', async () => {
      const account = newAccount();
      expect(await create(account)).toBe(true);
      expect(await fixture.accounts.findByUsername(account.username)).toEqual(account);
      expect(await fixture.accounts.find(account.id)).toEqual(account);
      expect((await fixture.audit(account.id)).map(({ type }) => type)).toEqual(['account.created']);
    });

    it('keeps an account that signs in elsewhere without a password', async () => {
      const { id, username, displayName, createdAt } = newAccount();
      const account: Account = { id, username, displayName, createdAt };
      await create(account);
      expect(await fixture.accounts.find(account.id)).toEqual(account);
    });

    it('knows nobody it was not told of', async () => {
      expect(await fixture.accounts.findByUsername(`nobody-${randomUUID()}`)).toBeUndefined();
      expect(await fixture.accounts.find(randomUUID() as AccountId)).toBeUndefined();
    });

    it('finds a disabled account and says since when', async () => {
      const account = newAccount();
      await create(account);
      await fixture.disable(account.id, at);
      expect((await fixture.accounts.findByUsername(account.username))?.disabledAt).toEqual(at);
      expect((await fixture.accounts.find(account.id))?.disabledAt).toEqual(at);
    });

    it('gives a username to one of fifty who ask for it at the same time, and records that one only', async () => {
      const username = `wanted-${randomUUID()}`;
      const rivals = Array.from({ length: 50 }, () => newAccount({ username }));
      const outcomes = await Promise.all(rivals.map(create));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const winner = rivals[outcomes.indexOf(true)]!;
      expect((await fixture.accounts.findByUsername(username))?.id).toBe(winner.id);
      const loser = rivals[outcomes.indexOf(false)]!;
      expect(await fixture.accounts.find(loser.id)).toBeUndefined();
      expect(await fixture.audit(loser.id)).toEqual([]);
    });

    it('sets a password, and says when there is no such account', async () => {
      const account = newAccount();
      await create(account);
      expect(await fixture.accounts.setPassword(account.id, 'next')).toBe(true);
      expect((await fixture.accounts.find(account.id))?.passwordHash).toBe('next');
      expect(await fixture.accounts.setPassword(randomUUID() as AccountId, 'next')).toBe(false);
    });

    it('keeps an address with what is known of it, changes it and takes it away, with one event each', async () => {
      const account = newAccount({ email: { address: 'zoë@house.example', verified: false } });
      await create(account);
      expect(await fixture.accounts.find(account.id)).toEqual(account);
      const setEmail = (email: Account['email']) =>
        fixture.accounts.setEmail(account.id, email, { type: 'account.changed', at, accountId: account.id });
      const verified = { address: 'zoë@house.example', verified: true };
      expect(await setEmail(verified)).toBe(true);
      expect((await fixture.accounts.find(account.id))?.email).toEqual(verified);
      expect(await setEmail(verified)).toBe(false);
      expect(await setEmail(undefined)).toBe(true);
      expect(await setEmail(undefined)).toBe(false);
      expect(await fixture.accounts.find(account.id)).not.toHaveProperty('email');
      const events = (await fixture.audit(account.id)).map(({ type }) => type);
      expect(events).toEqual(['account.created', 'account.changed', 'account.changed']);
    });

    it('sets no address of somebody it does not know', async () => {
      const id = randomUUID() as AccountId;
      const event = { type: 'account.changed', at, accountId: id } as const;
      expect(await fixture.accounts.setEmail(id, { address: 'a@x', verified: false }, event)).toBe(false);
      expect(await fixture.audit(id)).toEqual([]);
    });

    it('marks a break-glass account and takes the mark away, with one event each', async () => {
      const account = newAccount();
      await create(account);
      const mark = (breakGlass: boolean) =>
        fixture.accounts.setBreakGlass(account.id, breakGlass, { type: 'account.changed', at, accountId: account.id });
      expect([await mark(true), await mark(true)]).toEqual([true, false]);
      expect(await fixture.accounts.find(account.id)).toEqual({ ...account, breakGlass: true });
      expect([await mark(false), await mark(false)]).toEqual([true, false]);
      expect(await fixture.accounts.findByUsername(account.username)).toEqual(account);
      const events = (await fixture.audit(account.id)).map(({ type }) => type);
      expect(events).toEqual(['account.created', 'account.changed', 'account.changed']);
    });

    it('replaces a hash only while it is the stored one', async () => {
      const account = newAccount();
      await create(account);
      expect(await fixture.accounts.setPassword(account.id, 'changed')).toBe(true);
      expect(await fixture.accounts.setPassword(account.id, 'renewed', 'hash')).toBe(false);
      expect((await fixture.accounts.find(account.id))?.passwordHash).toBe('changed');
      expect(await fixture.accounts.setPassword(account.id, 'renewed', 'changed')).toBe(true);
    });
  });
}
