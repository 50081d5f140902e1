import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aClient, anyHash, CONTRACT_NOW } from './store-seeds.js';

export function assertionReplayStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as AssertionReplayStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const use = (client: ClientId, jti: string) => fixture.assertions.use(client, jti, after(CONTRACT_NOW, 300));

    it('lets the first use through and no later one', async () => {
      const { id } = aClient();
      const jti = anyHash();
      expect(await use(id, jti)).toBe(true);
      expect(await use(id, jti)).toBe(false);
      expect(await use(id, anyHash())).toBe(true);
    });

    it('has one winner of 50 parallel uses', async () => {
      const { id } = aClient();
      const jti = anyHash();
      const results = await Promise.all(Array.from({ length: 50 }, () => use(id, jti)));
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('keeps clients apart: nobody can use up the jti of another, whatever the two are called', async () => {
      const [one, other] = [aClient(), aClient()];
      const jti = anyHash();
      expect(await use(one.id, jti)).toBe(true);
      expect(await use(other.id, jti)).toBe(true);
      const id = `app-${anyHash()}`;
      expect(await use(id as ClientId, 'x 1')).toBe(true);
      expect(await use(`${id} x` as ClientId, '1')).toBe(true);
    });

    it('takes any text as jti', async () => {
      const { id } = aClient();
      for (const jti of ['ä'.repeat(128), `"'; -- \\`, ' ']) {
        expect(await use(id, jti)).toBe(true);
        expect(await use(id, jti)).toBe(false);
      }
    });
  });
}
