import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { AccountId } from '@gatehouse/protocol';
import { MemoryAccountStore, StoppedClock, TransparentPasswordHasher } from '../testing/index.js';
import { AccountRegistration, type NewAccount } from './account-registration.js';

function setUp() {
  const accounts = new MemoryAccountStore();
  const hasher = new TransparentPasswordHasher();
  const clock = new StoppedClock();
  return { accounts, hasher, clock, registration: new AccountRegistration({ accounts, hasher, clock }) };
}
const anna: NewAccount = { username: 'Anna', displayName: ' Anna A. ', password: 'correct horse battery' };

describe('AccountRegistration', () => {
  it('creates an account under the normalised name, with the hash and not the password', async () => {
    const { registration, accounts, clock } = setUp();
    const outcome = await registration.register(anna);
    expect(outcome).toMatchObject({ outcome: 'created', account: { username: 'anna', displayName: 'Anna A.' } });
    const account = await accounts.findByUsername('anna');
    expect(account).toMatchObject({ passwordHash: 'v1:correct horse battery', createdAt: clock.now() });
    expect(accounts.audit).toEqual([{ type: 'account.created', at: clock.now(), accountId: account!.id }]);
  });

  it('gives a name away once, however it is spelled', async () => {
    const { registration } = setUp();
    await registration.register(anna);
    expect(await registration.register({ ...anna, username: 'ＡＮＮＡ' })).toEqual({ outcome: 'username_taken' });
  });

  it.each([
    ['unacceptable_username', { username: 'an\u200bna' }],
    ['unacceptable_display_name', { displayName: ' ' }],
    ['unacceptable_display_name', { displayName: 'Anna\u202eevil' }],
    ['unacceptable_display_name', { displayName: 'Anna\nSigned in as root' }],
    ['unacceptable_display_name', { displayName: 'A'.repeat(101) }],
    ['unacceptable_email', { email: { address: 'anna', verified: true } }],
    ['unacceptable_password', { password: 'eleven char' }],
    ['unacceptable_password', { password: 'x'.repeat(1025) }],
    ['unacceptable_password', { password: 'correct horse \ud800' }],
  ] as const)('refuses with %s: %j', async (problem, part) => {
    const { registration, accounts } = setUp();
    expect(await registration.register({ ...anna, ...part })).toEqual({ outcome: 'refused', problem });
    expect(accounts.audit).toEqual([]);
  });

  it('takes twelve characters of any script and 1024 bytes', async () => {
    const { registration } = setUp();
    expect(await registration.register({ ...anna, password: '李'.repeat(12) })).toMatchObject({ outcome: 'created' });
    expect(await registration.register({ ...anna, username: 'ben', password: 'x'.repeat(1024) })).toMatchObject({
      outcome: 'created',
    });
  });

  it('keeps an address, changes it by the same rule, and writes nothing when it is the one it was', async () => {
    const { registration, accounts } = setUp();
    const email = { address: 'anna@house.example', verified: false };
    await registration.register({ ...anna, email });
    const { id } = (await accounts.findByUsername('anna'))!;
    expect((await accounts.find(id))?.email).toEqual(email);
    expect(await registration.setEmail(id, { address: 'anna', verified: true })).toBe('unacceptable_email');
    expect(await registration.setEmail(id, email)).toBe('set');
    expect(accounts.audit).toHaveLength(1);
    expect(await registration.setEmail(id, undefined)).toBe('set');
    expect(await accounts.find(id)).not.toHaveProperty('email');
  });

  it('sets another password by the same rule, and says when there is no such account', async () => {
    const { registration, accounts } = setUp();
    await registration.register(anna);
    const { id } = (await accounts.findByUsername('anna'))!;
    expect(await registration.setPassword(id, 'short')).toBe('unacceptable_password');
    expect(await registration.setPassword(id, 'another long password')).toBe('changed');
    expect((await accounts.find(id))?.passwordHash).toBe('v1:another long password');
    expect(await registration.setPassword(randomUUID() as AccountId, 'another long password')).toBe('unknown_account');
  });
});
