import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Clock, type KeyId, after } from '@gatehouse/protocol';
import { AesGcmKeyVault } from './aes-gcm-key-vault.js';
import { keyPolicy } from './key-policy.js';
import { openSigningKey } from './signing-key-material.js';
import { SigningKeyRotation } from './signing-key-rotation.js';
import { MemorySigningKeyStore } from './testing/memory-signing-key.store.js';

const START = new Date('2026-01-01T00:00:00.000Z');
const vault = new AesGcmKeyVault([randomBytes(32)]);
const policy = keyPolicy({ accessTokenLifetime: 300 });
const interval = policy.rotationInterval;

describe('SigningKeyRotation', () => {
  let store: MemorySigningKeyStore;
  let now: Date;
  class TestClock extends Clock {
    override now(): Date {
      return now;
    }
  }
  const worker = (sealing = vault): SigningKeyRotation =>
    new SigningKeyRotation({ store, vault: sealing, clock: new TestClock(), policy });
  beforeEach(() => {
    store = new MemorySigningKeyStore();
    now = START;
  });

  it('makes one first key that signs at once, however many start together', async () => {
    await Promise.all(Array.from({ length: 10 }, () => worker().ensureKey()));
    const keys = await store.list();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ publishedAt: START, activatesAt: START, algorithm: 'ES256' });
    expect(store.events.map(({ type, detail }) => [type, detail?.['keyId']])).toEqual([['key.published', keys[0]?.id]]);
  });

  it('stores the private key sealed, bound to its name', async () => {
    await worker().ensureKey();
    const [key] = await store.list();
    const { privateKey } = await openSigningKey(vault, key!);
    expect(privateKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    const d = privateKey.export({ format: 'jwk' }).d!;
    expect(JSON.stringify(key)).not.toContain(d);
    await expect(openSigningKey(vault, { ...key!, id: 'other' as KeyId })).rejects.toThrow();
  });

  it('does nothing when nothing is due, however often it runs', async () => {
    await worker().ensureKey();
    now = after(START, interval - 1);
    for (let n = 0; n < 5; n += 1) expect(await worker().run()).toEqual({ withdrawn: [] });
    await worker().ensureKey();
    expect(store.events).toHaveLength(1);
  });

  it('publishes one successor when two workers run at the same time', async () => {
    await worker().ensureKey();
    now = after(START, interval);
    const results = await Promise.all([worker().run(), worker().run(), worker().run()]);
    expect(results.filter(({ published }) => published !== undefined)).toHaveLength(1);
    expect(await store.list()).toHaveLength(2);
    expect(store.events.filter(({ type }) => type === 'key.published')).toHaveLength(2);
  });

  it('needs nothing more when the worker dies right after publishing', async () => {
    await worker().ensureKey();
    now = after(START, interval);
    const { published } = await worker().run();
    const keys = await store.list();
    expect(keys.at(-1)).toMatchObject({ id: published, activatesAt: after(now, 900) });
    expect(keys[0]?.withdrawAt).toEqual(after(now, 900 + 300 + 300));
    // Another worker comes a year later: the old key is long over, the successor has signed all the time.
    now = after(START, interval + 365 * 86_400);
    const late = await worker().run();
    expect(late.withdrawn).toEqual([keys[0]?.id]);
    expect((await store.list()).map(({ id }) => id)).toEqual([published, late.published]);
  });

  it('has changed nothing when the worker dies before the store has answered', async () => {
    await worker().ensureKey();
    now = after(START, interval);
    store.failure = new Error('down');
    await expect(worker().run()).rejects.toThrow('down');
    store.failure = undefined;
    expect(await store.list()).toHaveLength(1);
    expect((await worker().run()).published).toBeDefined();
  });

  it('withdraws the old key when its last token has expired, not before', async () => {
    await worker().ensureKey();
    const [first] = await store.list();
    now = after(START, interval);
    await worker().run();
    now = after(START, interval + 900 + 600 - 1);
    expect((await worker().run()).withdrawn).toEqual([]);
    now = after(START, interval + 900 + 600);
    expect((await worker().run()).withdrawn).toEqual([first?.id]);
  });

  it('publishes early when asked, with the full lead, and once however often it is asked', async () => {
    await worker().ensureKey();
    now = after(START, 60);
    const results = await Promise.all([worker().run({ early: true }), worker().run({ early: true })]);
    results.push(await worker().run({ early: true }));
    expect(results.filter(({ published }) => published !== undefined)).toHaveLength(1);
    const keys = await store.list();
    expect(keys.map(({ activatesAt }) => activatesAt)).toEqual([START, after(now, 900)]);
  });

  it('refuses to publish for servers whose keys it cannot open', async () => {
    await worker().ensureKey();
    now = after(START, interval);
    const stranger = worker(new AesGcmKeyVault([randomBytes(32)]));
    await expect(stranger.run()).rejects.toThrow(/not listed/);
    await expect(stranger.ensureKey()).rejects.toThrow(/not listed/);
    expect(await store.list()).toHaveLength(1);
    expect((await worker().run()).published).toBeDefined();
  });

  it('replaces at once a key that an operator has taken away', async () => {
    await worker().ensureKey();
    const [leaked] = await store.list();
    const emptied = new MemorySigningKeyStore();
    await emptied.publish({ ...leaked!, withdrawAt: now }, undefined, now, { type: 'key.published', at: now });
    store = emptied;
    const result = await worker().run();
    expect(result.withdrawn).toEqual([leaked?.id]);
    expect(await store.list()).toMatchObject([{ id: result.published, activatesAt: now }]);
  });
});
