import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { UsedAssertionStore } from '../sso/used-assertion.store.js';

/** What every store of used assertions promises. */
export function usedAssertionStoreContract(
  name: string,
  make: () => Promise<{ readonly store: UsedAssertionStore; close(): Promise<void> }>,
): void {
  describe(`${name} as UsedAssertionStore`, () => {
    let fixture: Awaited<ReturnType<typeof make>>;
    const expiresAt = new Date(Date.now() + 600_000);
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(() => fixture.close());

    it('lets the first use through and no later one', async () => {
      const id = randomUUID();
      expect(await fixture.store.use('https://idp.example', id, expiresAt)).toBe(true);
      expect(await fixture.store.use('https://idp.example', id, expiresAt)).toBe(false);
    });

    it('has one winner of 50 parallel uses', async () => {
      const id = randomUUID();
      const uses = Array.from({ length: 50 }, () => fixture.store.use('https://idp.example', id, expiresAt));
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    });

    it('keeps issuers apart: none can use up the assertion of another, whatever the two are called', async () => {
      const id = randomUUID();
      expect(await fixture.store.use(id, 'x 1', expiresAt)).toBe(true);
      expect(await fixture.store.use(`${id} x`, '1', expiresAt)).toBe(true);
      expect(await fixture.store.use(`${id}","x 1`, '', expiresAt)).toBe(true);
    });
  });
}
