import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { anyHash, CONTRACT_NOW } from './store-seeds.js';

export function proofReplayStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ProofReplayStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const use = (jkt: string, jti: string) => fixture.proofs.use(jkt, jti, after(CONTRACT_NOW, 300));

    it('lets a proof through once', async () => {
      const [jkt, jti] = [anyHash(), anyHash()];
      expect(await use(jkt, jti)).toBe(true);
      expect(await use(jkt, jti)).toBe(false);
      expect(await use(jkt, anyHash())).toBe(true);
    });

    it('has one winner of 50 parallel uses', async () => {
      const [jkt, jti] = [anyHash(), anyHash()];
      const results = await Promise.all(Array.from({ length: 50 }, () => use(jkt, jti)));
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('keeps keys apart: nobody can use up the jti of another key', async () => {
      const jti = anyHash();
      expect(await use(anyHash(), jti)).toBe(true);
      expect(await use(anyHash(), jti)).toBe(true);
      const jkt = anyHash();
      expect(await use(jkt, 'x 1')).toBe(true);
      expect(await use(`${jkt} x`, '1')).toBe(true);
    });

    it('takes any text as jti', async () => {
      const jkt = anyHash();
      for (const jti of ['ä'.repeat(512), `"'; -- \\`, ' ']) {
        expect(await use(jkt, jti)).toBe(true);
        expect(await use(jkt, jti)).toBe(false);
      }
    });
  });
}
