import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@gatehouse/audit';
import { type KeyId, after } from '@gatehouse/protocol';
import type { SealedSigningKey } from '../signing-key.js';
import type { SigningKeyStore } from '../signing-key.store.js';

export interface SigningKeyStoreFixture {
  readonly store: SigningKeyStore;
  /** Audit events stored so far, in any order. */
  events(): Promise<readonly AuditEvent[]>;
}

const START = new Date('2026-01-01T00:00:00.000Z');

/** What every SigningKeyStore promises. `make` gives an empty one. */
export function signingKeyStoreContract(make: () => Promise<SigningKeyStoreFixture> | SigningKeyStoreFixture): void {
  describe('keeps the promises of SigningKeyStore', () => {
    let fixture: SigningKeyStoreFixture;
    let store: SigningKeyStore;
    beforeEach(async () => {
      fixture = await make();
      store = fixture.store;
    });

    it('gives back a published key as it was stored', async () => {
      const first = key('first', 0);
      expect(await store.publish(first, undefined, START, published(first))).toBe(true);
      expect(await store.list()).toEqual([first]);
    });

    it('publishes a successor beside the key it follows and dates the withdrawal of that key', async () => {
      const first = key('first', 0);
      const second = key('second', 1000);
      await store.publish(first, undefined, START, published(first));
      expect(await store.publish(second, first.id, after(START, 2000), published(second))).toBe(true);
      expect(await store.list()).toEqual([{ ...first, withdrawAt: after(START, 2000) }, second]);
    });

    it('does not move a withdrawal that has its date already', async () => {
      const [first, second, third] = [key('first', 0), key('second', 1000), key('third', 2000)];
      await store.publish(first, undefined, START, published(first));
      await store.publish(second, first.id, after(START, 2000), published(second));
      await store.publish(third, second.id, after(START, 3000), published(third));
      expect((await store.list()).map(({ withdrawAt }) => withdrawAt)).toEqual([
        after(START, 2000),
        after(START, 3000),
        undefined,
      ]);
    });

    it('refuses a key whose publisher did not know the newest one, and changes nothing', async () => {
      const [first, second, late] = [key('first', 0), key('second', 1000), key('late', 1001)];
      await store.publish(first, undefined, START, published(first));
      await store.publish(second, first.id, after(START, 2000), published(second));
      const before = await store.list();
      expect(await store.publish(late, first.id, after(START, 9000), published(late))).toBe(false);
      expect(await store.publish(late, undefined, after(START, 9000), published(late))).toBe(false);
      expect(await store.publish(late, 'unknown' as KeyId, after(START, 9000), published(late))).toBe(false);
      expect(await store.list()).toEqual(before);
      expect(await fixture.events()).toHaveLength(2);
    });

    it('lets one of 50 parallel first publications win', async () => {
      const keys = Array.from({ length: 50 }, (_, index) => key(`racer-${index}`, 0));
      const won = await Promise.all(keys.map((racer) => store.publish(racer, undefined, START, published(racer))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await store.list()).map(({ id }) => id)).toEqual([keys[won.indexOf(true)]?.id]);
      expect(await fixture.events()).toHaveLength(1);
    });

    it('lets one of 50 parallel successors win', async () => {
      const first = key('first', 0);
      await store.publish(first, undefined, START, published(first));
      const keys = Array.from({ length: 50 }, (_, index) => key(`racer-${index}`, 1000));
      const won = await Promise.all(
        keys.map((racer) => store.publish(racer, first.id, after(START, 2000), published(racer))),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await store.list()).toHaveLength(2);
    });

    it('withdraws a key when its time has come, not before, and says so in the audit', async () => {
      const [first, second] = [key('first', 0), key('second', 1000)];
      await store.publish(first, undefined, START, published(first));
      await store.publish(second, first.id, after(START, 2000), published(second));
      expect(await store.withdraw(after(START, 1999))).toEqual([]);
      expect(await store.list()).toHaveLength(2);
      expect(await store.withdraw(after(START, 2000))).toEqual([first.id]);
      expect((await store.list()).map(({ id }) => id)).toEqual([second.id]);
      const events = await fixture.events();
      const withdrawn = events.filter(({ type }) => type === 'key.withdrawn');
      expect(withdrawn.map(({ detail }) => detail?.['keyId'])).toEqual([first.id]);
    });

    it('never withdraws the key that has no successor', async () => {
      const first = key('first', 0);
      await store.publish(first, undefined, START, published(first));
      expect(await store.withdraw(after(START, 1e9))).toEqual([]);
      expect(await store.list()).toEqual([first]);
    });

    it('withdraws each key once, however many workers ask at the same time', async () => {
      const [first, second] = [key('first', 0), key('second', 1000)];
      await store.publish(first, undefined, START, published(first));
      await store.publish(second, first.id, after(START, 2000), published(second));
      const all = await Promise.all(Array.from({ length: 20 }, () => store.withdraw(after(START, 3000))));
      expect(all.flat()).toEqual([first.id]);
      const events = await fixture.events();
      expect(events.filter(({ type }) => type === 'key.withdrawn')).toHaveLength(1);
    });
  });
}

/** A row, not a key that could sign: the store must not look inside. */
function key(name: string, publishedAfter: number): SealedSigningKey {
  const publishedAt = after(START, publishedAfter);
  return {
    id: name as KeyId,
    algorithm: 'ES256',
    publicJwk: { kty: 'EC', crv: 'P-256', x: `x-${name}`, y: `y-${name}`, kid: name, use: 'sig', alg: 'ES256' },
    publishedAt,
    activatesAt: after(publishedAt, publishedAfter === 0 ? 0 : 500),
    sealedPrivateKey: `sealed-${name}`,
  };
}

function published({ id, publishedAt }: SealedSigningKey): AuditEvent {
  return { type: 'key.published', at: publishedAt, detail: { keyId: id } };
}
