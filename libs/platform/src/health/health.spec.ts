import { describe, expect, it } from '@jest/globals';
import { Health } from './health.js';

describe('Health', () => {
  it('is ready when everything answers', async () => {
    const health = new Health().add('database', async () => 1).add('queue', async () => 2);
    expect(await health.report()).toEqual({ ready: true, checks: { database: 'up', queue: 'up' } });
  });

  it('names the check that fails, throws or does not come back, and not why', async () => {
    const health = new Health()
      .add('fails', async () => Promise.reject(new Error('password wrong')))
      .add('throws', () => {
        throw new Error('at once');
      })
      .add('hangs', async () => new Promise(() => undefined), { timeout: 20 })
      .add('works', async () => true);
    expect(await health.report()).toEqual({
      ready: false,
      checks: { fails: 'down', throws: 'down', hangs: 'down', works: 'up' },
    });
  });

  it('does not let those who ask often load what is checked', async () => {
    let asked = 0;
    const health = new Health({ reuse: 10_000 }).add('database', async () => {
      asked += 1;
    });
    await Promise.all(Array.from({ length: 100 }, async () => health.report()));
    await health.report();
    expect(asked).toBe(1);
  });

  it('is not ready once it stops', async () => {
    const health = new Health({ reuse: 10_000 }).add('database', async () => 1);
    await health.report();
    health.stop();
    expect((await health.report()).ready).toBe(false);
  });
});
