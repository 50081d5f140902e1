import { describe, expect, it } from '@jest/globals';
import { after } from '@gatehouse/protocol';
import { StoppedClock, usedProofsContract } from '../testing/index.js';
import { MemoryUsedProofs } from './memory-used-proofs.js';

function setUp(capacity?: number) {
  const clock = new StoppedClock();
  const used = new MemoryUsedProofs(clock, capacity);
  let next = 0;
  const useNew = (jkt: string): Promise<boolean> =>
    used.use({ jkt, jti: `proof-${next++}`, usableUntil: after(clock.now(), 301) });
  return { clock, used, useNew };
}

usedProofsContract(setUp);

describe('the memory of used proofs in a process (RS-50)', () => {
  it('keeps a proof for as long as it could be used, and not much longer', async () => {
    const { clock, used } = setUp();
    const proof = { jkt: 'k', jti: 'p', usableUntil: after(clock.now(), 301) };
    await used.use(proof);
    clock.advance(300);
    expect(await used.use(proof)).toBe(false);
    clock.advance(61);
    await used.use({ ...proof, jti: 'other', usableUntil: after(clock.now(), 301) });
    expect(used.size).toBe(1);
  });

  it('does not forget a proof because our clock was set back', async () => {
    const { clock, used } = setUp();
    const proof = { jkt: 'k', jti: 'p', usableUntil: after(clock.now(), 301) };
    await used.use(proof);
    clock.advance(-3600);
    expect(await used.use(proof)).toBe(false);
  });

  it('refuses when it is full, and forgets nothing that could be replayed', async () => {
    const { clock, used, useNew } = setUp(8);
    const first = { jkt: 'a', jti: 'first', usableUntil: after(clock.now(), 301) };
    await used.use(first);
    for (const key of ['a', 'b', 'b', 'c', 'c', 'd', 'd']) expect(await useNew(key)).toBe(true);
    await expect(useNew('e')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'proof_memory_full',
      retryAfter: 60,
    });
    expect(await used.use(first)).toBe(false);
    clock.advance(361);
    expect(await useNew('e')).toBe(true);
  });

  it('lets one key fill its share only, so that others find room', async () => {
    const { useNew } = setUp(8);
    expect([await useNew('greedy'), await useNew('greedy')]).toEqual([true, true]);
    await expect(useNew('greedy')).rejects.toMatchObject({ code: 'too_many_requests', reason: 'proof_memory_full' });
    expect(await useNew('honest')).toBe(true);
  });
});
