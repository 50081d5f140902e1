import { describe, expect, it } from '@jest/globals';
import { MemoryKeySetSource, StoppedClock, TestIssuer } from '../testing/index.js';
import { CachedIssuerKeys } from './cached-issuer-keys.js';

const policy = { freshSeconds: 60, staleSeconds: 600, cooldownSeconds: 5 };
const unavailable = { code: 'temporarily_unavailable', reason: 'keys_unavailable' };

function setUp(): { clock: StoppedClock; source: MemoryKeySetSource; keys: CachedIssuerKeys; next: TestIssuer } {
  const clock = new StoppedClock();
  const source = new MemoryKeySetSource([new TestIssuer(clock).publicJwk]);
  return {
    clock,
    source,
    keys: new CachedIssuerKeys(source, clock, policy),
    next: new TestIssuer(clock, 'i', 'key-2'),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('keys of the issuer, cached', () => {
  it('reads the set once for a thousand requests at the same time', async () => {
    const { source, keys } = setUp();
    const found = await Promise.all(Array.from({ length: 1000 }, () => keys.find('key-1')));
    expect(found.every((key) => key?.id === 'key-1')).toBe(true);
    expect(source.requests).toBe(1);
  });

  it('finds a key that was published after the set was read', async () => {
    const { clock, source, keys, next } = setUp();
    await keys.find('key-1');
    source.keys = [...source.keys, next.publicJwk];
    clock.advance(6);
    expect((await keys.find('key-2'))?.id).toBe('key-2');
    expect(source.requests).toBe(2);
  });

  it('asks the issuer once per cooldown, however many key ids are invented', async () => {
    const { clock, source, keys } = setUp();
    await keys.find('key-1');
    clock.advance(6);
    for (let index = 0; index < 200; index++) expect(await keys.find(`invented-${index}`)).toBeUndefined();
    await Promise.all(Array.from({ length: 200 }, (_, index) => keys.find(`more-${index}`)));
    expect(source.requests).toBe(2);
  });

  it('forgets a withdrawn key when the set has grown old', async () => {
    const { clock, source, keys, next } = setUp();
    await keys.find('key-1');
    source.keys = [next.publicJwk];
    clock.advance(61);
    expect(await keys.find('key-1')).toBeDefined(); // renewed behind this request
    await settled();
    expect(await keys.find('key-1')).toBeUndefined();
  });

  it('goes on with the keys it has while the issuer is down, but not for ever', async () => {
    const { clock, source, keys } = setUp();
    await keys.find('key-1');
    source.down = true;
    clock.advance(590);
    expect(await keys.find('key-1')).toBeDefined();
    await settled();
    clock.advance(11);
    await expect(keys.find('key-1')).rejects.toMatchObject(unavailable);
  });

  it('does not call a key unknown when it could not look', async () => {
    const { clock, source, keys, next } = setUp();
    await keys.find('key-1');
    source.down = true;
    clock.advance(6);
    await expect(keys.find('key-2')).rejects.toMatchObject(unavailable);
    await expect(keys.find('key-2')).rejects.toMatchObject({ ...unavailable, retryAfter: 5 });
    expect(source.requests).toBe(2);
    source.down = false;
    source.keys = [next.publicJwk];
    clock.advance(6);
    expect((await keys.find('key-2'))?.id).toBe('key-2');
  });

  it('refuses without keys, and tries again after the cooldown only', async () => {
    const { clock, source, keys } = setUp();
    source.down = true;
    await expect(keys.find('key-1')).rejects.toMatchObject(unavailable);
    await expect(keys.find('key-1')).rejects.toMatchObject(unavailable);
    expect(source.requests).toBe(1);
    source.down = false;
    clock.advance(5);
    expect(await keys.find('key-1')).toBeDefined();
  });

  it('does not trust a withdrawn key longer because our clock was set back', async () => {
    const { clock, source, keys, next } = setUp();
    await keys.find('key-1');
    source.keys = [next.publicJwk];
    clock.advance(-3600);
    expect((await keys.find('key-2'))?.id).toBe('key-2');
    expect(await keys.find('key-1')).toBeUndefined();
  });

  it('keeps the old set when the issuer answers nonsense', async () => {
    const { clock, source, keys } = setUp();
    await keys.find('key-1');
    source.keys = 'nonsense' as never;
    clock.advance(61);
    await keys.find('key-1');
    await settled();
    expect(await keys.find('key-1')).toBeDefined();
  });
});
