import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@gatehouse/audit';
import { type AccountId, after, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { CodeApp, Passkey } from '../factors/factor.js';
import { MOST_FACTORS } from '../factors/factor.js';
import type { FactorStore } from '../factors/factor.store.js';
import type { PendingSignIn, PendingSignInStore } from '../factors/pending-sign-in.store.js';

export interface FactorStoresFixture {
  readonly factors: FactorStore;
  readonly pending: PendingSignInStore;
  addAccount(): Promise<AccountId>;
  disable(id: AccountId): Promise<void>;
  audit(id: AccountId): Promise<readonly AuditEvent[]>;
}

const now = new Date('2026-01-01T12:00:00.000Z');

/** What the stores of second factors guarantee. */
export function factorStoresContract(open: () => Promise<FactorStoresFixture>): void {
  describe('FactorStore contract', () => {
    let house: FactorStoresFixture;
    let anna: AccountId;
    const event = (type: AuditEvent['type']): AuditEvent => ({ type, at: now, accountId: anna });
    const app = (id: string = randomUUID()): CodeApp => ({
      kind: 'totp',
      id,
      accountId: anna,
      name: 'Phone',
      sealedSecret: 'sealed',
      createdAt: now,
    });
    const passkey = (): Passkey => ({
      kind: 'passkey',
      id: randomUUID(),
      accountId: anna,
      name: 'Laptop',
      credentialId: randomUUID(),
      publicKey: new Uint8Array([1, 2, 3]),
      counter: 0,
      createdAt: after(now, 1),
    });
    const add = (factor: CodeApp | Passkey, more = {}) =>
      house.factors.add({ factor, onlyAsFirst: false, ...more }, event('factor.added'));

    beforeEach(async () => {
      house = await open();
      anna = await house.addAccount();
    });

    it('keeps factors as they were added, oldest first, and those of others apart', async () => {
      const [phone, key] = [app(), passkey()];
      expect([await add(key), await add(phone)]).toEqual([true, true]);
      expect(await house.factors.list(anna)).toEqual([phone, key]);
      expect(await house.factors.list(randomUUID() as AccountId)).toEqual([]);
      expect(await house.factors.findPasskey(key.credentialId)).toEqual(key);
      expect(await house.factors.findPasskey('another')).toBeUndefined();
      expect((await house.audit(anna)).map(({ type }) => type)).toEqual(['factor.added', 'factor.added']);
    });

    it('takes an enrolment once, and a key once for all accounts', async () => {
      const [phone, key] = [app(), passkey()];
      await add(phone);
      await add(key);
      expect(await add(phone)).toBe(false);
      anna = await house.addAccount();
      expect(await add({ ...passkey(), credentialId: key.credentialId })).toBe(false);
      expect(await house.factors.list(anna)).toEqual([]);
    });

    it('adds one of many first factors at the same time, and none beside one that is there', async () => {
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => add(app(), { onlyAsFirst: true })));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await add(passkey(), { onlyAsFirst: true, recoveryCodes: ['theirs'] })).toBe(false);
      expect(await house.factors.list(anna)).toHaveLength(1);
      expect(await house.factors.recoveryCodesLeft(anna)).toBe(0);
    });

    it('keeps so many factors for an account, and no more', async () => {
      const outcomes = await Promise.all(Array.from({ length: MOST_FACTORS + 3 }, () => add(app())));
      expect(outcomes.filter(Boolean)).toHaveLength(MOST_FACTORS);
    });

    it('uses a step once of many times at the same time, and none before it', async () => {
      const phone = app();
      await add(phone);
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => house.factors.useStep(phone.id, 7, now)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await house.factors.useStep(phone.id, 6, now)).toBe(false);
      expect(await house.factors.useStep(phone.id, 8, now)).toBe(true);
      expect(await house.factors.useStep(randomUUID(), 9, now)).toBe(false);
      expect(await house.factors.list(anna)).toEqual([{ ...phone, lastUsedAt: now }]);
    });

    it('has spent the step of the code that proved the factor', async () => {
      const phone = app();
      await add(phone, { spentStep: 7 });
      expect(await house.factors.useStep(phone.id, 7, now)).toBe(false);
      expect(await house.factors.useStep(phone.id, 8, now)).toBe(true);
    });

    it('takes a counter that grew, or none where there never was one, and no copy of the key', async () => {
      const synchronised = passkey();
      const counting = passkey();
      await add(synchronised);
      await add(counting);
      expect(await house.factors.usePasskey(synchronised.id, 0, now)).toBe(true);
      expect(await house.factors.usePasskey(synchronised.id, 0, now)).toBe(true);
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => house.factors.usePasskey(counting.id, 5, now)),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await house.factors.usePasskey(counting.id, 4, now)).toBe(false);
      expect(await house.factors.usePasskey(counting.id, 0, now)).toBe(false);
      expect(await house.factors.usePasskey(counting.id, 6, now)).toBe(true);
    });

    it('uses a recovery code once, of this account alone', async () => {
      await add(app(), { recoveryCodes: ['a', 'b'] });
      const other = await house.addAccount();
      expect(await house.factors.useRecoveryCode(other, ['a'], event('recovery_code.used'))).toBe(false);
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () =>
          house.factors.useRecoveryCode(anna, ['unknown', 'a'], event('recovery_code.used')),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await house.factors.recoveryCodesLeft(anna)).toBe(1);
      await house.factors.replaceRecoveryCodes(anna, ['c', 'd', 'e'], event('recovery_codes.replaced'));
      expect(await house.factors.useRecoveryCode(anna, ['b'], event('recovery_code.used'))).toBe(false);
      expect(await house.factors.recoveryCodesLeft(anna)).toBe(3);
      expect((await house.audit(anna)).map(({ type }) => type)).toEqual([
        'factor.added',
        'recovery_code.used',
        'recovery_codes.replaced',
      ]);
    });

    it('names and removes what is the account’s own', async () => {
      const phone = app();
      await add(phone, { recoveryCodes: ['a'] });
      const other = await house.addAccount();
      expect(await house.factors.rename(other, phone.id, 'Theirs', event('factor.renamed'))).toBe(false);
      expect(await house.factors.rename(anna, phone.id, 'Mine', event('factor.renamed'))).toBe(true);
      expect(await house.factors.list(anna)).toEqual([{ ...phone, name: 'Mine' }]);
      expect(await house.factors.remove(other, phone.id, false, event('factor.removed'))).toBe(false);
      expect(await house.factors.remove(anna, phone.id, false, event('factor.removed'))).toBe(true);
      expect(await house.factors.list(anna)).toEqual([]);
      expect(await house.factors.recoveryCodesLeft(anna)).toBe(0);
    });

    it('leaves one of two that are removed at the same time where one must stay', async () => {
      for (let round = 0; round < 5; round++) {
        anna = await house.addAccount();
        const both = [app(), app()];
        for (const each of both) await add(each);
        const outcomes = await Promise.all(
          both.map(({ id }) => house.factors.remove(anna, id, true, event('factor.removed'))),
        );
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        expect(await house.factors.list(anna)).toHaveLength(1);
      }
    });

    it('begins from nothing after a reset', async () => {
      await add(app(), { recoveryCodes: ['a'] });
      await add(passkey());
      const half = aPending(anna);
      await house.pending.begin(half);
      expect(await house.factors.reset(anna, event('factors.reset'))).toBe(true);
      expect(await house.factors.list(anna)).toEqual([]);
      expect(await house.factors.recoveryCodesLeft(anna)).toBe(0);
      expect(await house.pending.find(half, now)).toBeUndefined();
      expect(await house.factors.reset(anna, event('factors.reset'))).toBe(false);
    });
  });

  describe('PendingSignInStore contract', () => {
    let house: FactorStoresFixture;
    let anna: AccountId;
    beforeEach(async () => {
      house = await open();
      anna = await house.addAccount();
    });

    it('is found at its place in its browser until it is over', async () => {
      const pending = aPending(anna);
      await house.pending.begin(pending);
      expect(await house.pending.find(pending, now)).toEqual(pending);
      expect(await house.pending.find({ ...pending, browser: tokenHash('another') }, now)).toBeUndefined();
      expect(await house.pending.find({ ...pending, place: tokenHash('another') }, now)).toBeUndefined();
      expect(await house.pending.find(pending, after(now, 60))).toBeUndefined();
      expect(await house.pending.take(pending, after(now, 60))).toBe(false);
    });

    it('ends once, and not in the name of the one that it replaced', async () => {
      const first = aPending(anna);
      const { accountId: _, ...nobody } = aPending(anna);
      const second: PendingSignIn = { ...nobody, place: first.place, browser: first.browser };
      await house.pending.begin(first);
      await house.pending.begin(second);
      expect(await house.pending.find(first, now)).toEqual(second);
      expect(await house.pending.take(first, now)).toBe(false);
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => house.pending.take(second, now)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    it('is over with its account', async () => {
      const pending = aPending(anna);
      await house.pending.begin(pending);
      await house.disable(anna);
      expect(await house.pending.find(pending, now)).toBeUndefined();
    });
  });
}

function aPending(accountId: AccountId): PendingSignIn {
  return {
    place: tokenHash(randomUUID()),
    browser: tokenHash(randomUUID()),
    accountId,
    challenge: randomUUID(),
    expiresAt: after(now, 60),
  };
}
