import { describe, expect, it } from '@jest/globals';
import { after, type Clock } from '@gatehouse/protocol';
import type { UsedProof, UsedProofs } from '../binding/used-proofs.js';

/** What every memory of used proofs promises; one that replicas share promises it to all of them together. */
export function usedProofsContract(setUp: () => { readonly used: UsedProofs; readonly clock: Clock }): void {
  describe('a memory of used proofs', () => {
    const proof = (clock: Clock, more: Partial<UsedProof> = {}): UsedProof => ({
      jkt: 'key-1',
      jti: 'proof-1',
      usableUntil: after(clock.now(), 301),
      ...more,
    });

    it('takes a proof once', async () => {
      const { used, clock } = setUp();
      expect(await used.use(proof(clock))).toBe(true);
      expect(await used.use(proof(clock))).toBe(false);
      expect(await used.use(proof(clock))).toBe(false);
    });

    it('takes one of twenty at once', async () => {
      const { used, clock } = setUp();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => used.use(proof(clock))));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    it("keeps clients apart: nobody can use up another's proof by guessing its name", async () => {
      const { used, clock } = setUp();
      expect(await used.use(proof(clock))).toBe(true);
      expect(await used.use(proof(clock, { jkt: 'key-2' }))).toBe(true);
      expect(await used.use(proof(clock, { jti: 'proof-2' }))).toBe(true);
    });
  });
}
