import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { after } from '@gatehouse/protocol';
import type { AttemptCounter } from '../attempts/attempt-counter.js';

/** What every AttemptCounter guarantees. */
export function attemptCounterContract(open: () => Promise<AttemptCounter>): void {
  describe('AttemptCounter contract', () => {
    let counter: AttemptCounter;
    let key: string;
    const now = new Date('2026-01-01T12:00:00.000Z');
    const limit = { limit: 3, window: 60 };

    beforeEach(async () => {
      counter = await open();
      key = randomUUID();
    });

    async function exhaust(): Promise<void> {
      for (let attempt = 0; attempt < limit.limit; attempt++)
        expect(await counter.count(key, limit, now)).toBeUndefined();
    }

    it('lets exactly the limit pass, and then says until when', async () => {
      await exhaust();
      expect(await counter.count(key, limit, after(now, 10))).toEqual(after(now, 60));
    });

    it('lets exactly the limit pass of fifty attempts at the same time', async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, async () => counter.count(key, limit, now)));
      expect(outcomes.filter((until) => until === undefined)).toHaveLength(limit.limit);
      expect(outcomes.filter((until) => until?.getTime() === after(now, 60).getTime())).toHaveLength(47);
    });

    it('does not prolong the wait of one who keeps trying', async () => {
      await exhaust();
      for (let second = 1; second < 60; second += 10)
        expect(await counter.count(key, limit, after(now, second))).toEqual(after(now, 60));
      expect(await counter.count(key, limit, after(now, 60))).toBeUndefined();
    });

    it('begins anew when the window is over', async () => {
      await exhaust();
      const later = after(now, 61);
      for (let attempt = 0; attempt < limit.limit; attempt++)
        expect(await counter.count(key, limit, later)).toBeUndefined();
      expect(await counter.count(key, limit, later)).toEqual(after(later, 60));
    });

    it('counts each key by itself', async () => {
      await exhaust();
      expect(await counter.count(randomUUID(), limit, now)).toBeUndefined();
    });

    it('forgets a key that is reset, and no other', async () => {
      const other = randomUUID();
      await exhaust();
      await counter.count(other, { limit: 1, window: 60 }, now);
      await counter.reset(key);
      expect(await counter.count(key, limit, now)).toBeUndefined();
      expect(await counter.count(other, { limit: 1, window: 60 }, now)).toEqual(after(now, 60));
      await counter.reset(randomUUID());
    });
  });
}
