import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { anyHash, CONTRACT_NOW } from './store-seeds.js';

const HOUR = 3600;

export function clientUsageStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ClientUsageStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const anyClient = () => `c_${anyHash()}` as ClientId;

    it('knows nothing of a client that never completed a flow', async () => {
      expect(await fixture.usage.find(anyClient())).toBeUndefined();
    });

    it('keeps the first use for good, and the last one to the day', async () => {
      const id = anyClient();
      await fixture.usage.used(id, CONTRACT_NOW);
      await fixture.usage.used(id, after(CONTRACT_NOW, 2 * HOUR));
      expect(await fixture.usage.find(id)).toEqual({ firstUsedAt: CONTRACT_NOW, lastUsedAt: CONTRACT_NOW });
      const tomorrow = after(CONTRACT_NOW, 24 * HOUR);
      await fixture.usage.used(id, tomorrow);
      expect(await fixture.usage.find(id)).toEqual({ firstUsedAt: CONTRACT_NOW, lastUsedAt: tomorrow });
    });

    it('is not set back by a server whose clock is behind, nor confused by many at once', async () => {
      const id = anyClient();
      await Promise.all(Array.from({ length: 20 }, () => fixture.usage.used(id, CONTRACT_NOW)));
      await fixture.usage.used(id, after(CONTRACT_NOW, -24 * HOUR));
      expect(await fixture.usage.find(id)).toEqual({ firstUsedAt: CONTRACT_NOW, lastUsedAt: CONTRACT_NOW });
    });
  });
}
