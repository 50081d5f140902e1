import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Clock, type KeyId, OAuthError, after } from '@gatehouse/protocol';
import { calculateJwkThumbprint } from 'jose';
import { AesGcmKeyVault } from './aes-gcm-key-vault.js';
import { MINIMUM_PUBLISH_LEAD, keyPolicy } from './key-policy.js';
import { KeyRing, type KeyRingProblem } from './key-ring.js';
import type { KeyVault } from './key-vault.js';
import { newSigningKey } from './signing-key-material.js';
import { SigningKeyRotation } from './signing-key-rotation.js';
import { MemorySigningKeyStore } from './testing/memory-signing-key.store.js';

class SteppedClock extends Clock {
  time = new Date('2026-01-01T00:00:00.000Z');
  override now(): Date {
    return this.time;
  }
  pass(seconds: number): void {
    this.time = after(this.time, seconds);
  }
}

const keyEncryptionKey = randomBytes(32);
const interval = 30 * 86_400;
const unavailable = { code: 'temporarily_unavailable', reason: 'keys_unavailable', retryAfter: 1 };

describe('KeyRing', () => {
  let store: MemorySigningKeyStore;
  let clock: SteppedClock;
  let vault: KeyVault;
  let problems: KeyRingProblem[];
  let rotation: SigningKeyRotation;
  let ring: KeyRing;
  beforeEach(async () => {
    store = new MemorySigningKeyStore();
    clock = new SteppedClock();
    vault = new AesGcmKeyVault([keyEncryptionKey]);
    problems = [];
    rotation = new SigningKeyRotation({ store, vault, clock, policy: keyPolicy({ accessTokenLifetime: 300 }) });
    await rotation.ensureKey();
    store.reads = 0;
    ring = newRing();
  });
  const newRing = (): KeyRing => new KeyRing({ store, vault, clock, report: (problem) => problems.push(problem) });
  const kids = async (): Promise<unknown[]> => (await ring.publishedJwks()).keys.map(({ kid }) => kid);

  it('signs with a key that its own published JWKS verifies', async () => {
    const key = await ring.signingKey();
    const signature = sign('sha256', Buffer.from('x'), key.privateKey);
    const publicKey = await ring.verificationKey(key.id);
    expect(key.algorithm).toBe('ES256');
    expect(verify('sha256', Buffer.from('x'), publicKey!, signature)).toBe(true);
  });

  it('publishes public members only, named by the thumbprint', async () => {
    const { keys } = await ring.publishedJwks();
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(keys[0]).toMatchObject({ alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(keys[0]!) });
  });

  it('reads the store once for a burst of requests, and not again within seconds', async () => {
    await Promise.all(Array.from({ length: 50 }, () => ring.signingKey()));
    clock.pass(9);
    await ring.signingKey();
    expect(store.reads).toBe(1);
    clock.pass(1);
    await ring.signingKey();
    expect(store.reads).toBe(2);
  });

  it('publishes a successor before it signs and goes over to it when its time has come', async () => {
    const first = await ring.signingKey();
    clock.pass(interval);
    const { published } = await rotation.run();
    expect(await kids()).toEqual([first.id, published]);
    expect((await ring.signingKey()).id).toBe(first.id);
    clock.pass(899);
    expect((await ring.signingKey()).id).toBe(first.id);
    clock.pass(1);
    expect((await ring.signingKey()).id).toBe(published);
    clock.pass(599);
    expect(await kids()).toContain(first.id);
    clock.pass(1);
    // Not withdrawn from the store yet, but over.
    expect(await kids()).toEqual([published]);
    expect(await ring.verificationKey(first.id)).toBeUndefined();
  });

  it('reads again for an unknown key id, but not for each of a flood of forged ones', async () => {
    await ring.signingKey();
    clock.pass(interval);
    await ring.signingKey();
    const { published } = await rotation.run();
    store.reads = 0;
    clock.pass(5);
    expect(await ring.verificationKey(published!)).toBeDefined();
    expect(store.reads).toBe(1);
    await Promise.all(Array.from({ length: 200 }, (_, n) => ring.verificationKey(`forged-${n}`)));
    for (let n = 0; n < 200; n += 1) await ring.verificationKey(`forged-${n}`);
    expect(store.reads).toBe(1);
  });

  it('goes on through a lost store with the last good set', async () => {
    const before = await ring.signingKey();
    store.failure = new Error('down');
    for (let passed = 0; passed < MINIMUM_PUBLISH_LEAD; passed += 30) {
      expect((await ring.signingKey()).id).toBe(before.id);
      expect(await kids()).toEqual([before.id]);
      clock.pass(30);
    }
    expect(problems[0]).toMatchObject({ kind: 'keys_not_read', cause: store.failure });
  });

  it('stops signing before a successor it cannot know of could have taken over, and still serves the JWKS', async () => {
    const before = await ring.signingKey();
    store.failure = new Error('down');
    clock.pass(MINIMUM_PUBLISH_LEAD + 1);
    await expect(ring.signingKey()).rejects.toMatchObject(unavailable);
    expect(await kids()).toEqual([before.id]);
    store.failure = undefined;
    clock.pass(1);
    expect((await ring.signingKey()).id).toBe(before.id);
  });

  it('makes no token that the successor of an unseen rotation would leave unverifiable', async () => {
    const first = await ring.signingKey();
    const seen = clock.now();
    // The rotation happens right after this replica has lost the store.
    clock.pass(interval);
    await ring.signingKey();
    const stale = newRing();
    await stale.signingKey();
    store.failure = undefined;
    const lastRead = clock.now();
    await rotation.run();
    store.failure = new Error('down');
    let lastSigned = lastRead;
    for (let passed = 0; passed < 2000; passed += 5) {
      await stale.signingKey().then(
        (key) => {
          expect(key.id).toBe(first.id);
          lastSigned = clock.now();
        },
        (error: unknown) => {
          expect(error).toMatchObject(unavailable);
        },
      );
      clock.pass(5);
    }
    store.failure = undefined;
    const [old] = await store.list();
    expect(old?.id).toBe(first.id);
    expect(seen < lastRead && lastRead < lastSigned).toBe(true);
    expect(after(lastSigned, 300) <= old!.withdrawAt!).toBe(true);
  });

  it('says that keys are unavailable while there is none, and does not ask the store for every request', async () => {
    store = new MemorySigningKeyStore();
    ring = newRing();
    for (const ask of [() => ring.signingKey(), () => ring.publishedJwks()])
      await expect(ask()).rejects.toMatchObject(unavailable);
    expect(await ring.verificationKey('any')).toBeUndefined();
    expect(store.reads).toBe(1);
    rotation = new SigningKeyRotation({ store, vault, clock, policy: keyPolicy({ accessTokenLifetime: 300 }) });
    await rotation.ensureKey();
    clock.pass(1);
    expect(await kids()).toHaveLength(1);
    expect((await ring.signingKey()).id).toBeDefined();
  });

  it('says so too when it never could read the store, and recovers', async () => {
    store.failure = new Error('down');
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => ring.signingKey()));
    for (const one of asked) expect(one).toMatchObject({ status: 'rejected', reason: unavailable });
    await expect(ring.verificationKey('any')).rejects.toMatchObject(unavailable);
    expect(store.reads).toBe(1);
    store.failure = undefined;
    clock.pass(1);
    expect((await ring.signingKey()).id).toBeDefined();
  });

  it('gives the failure to the log, not to the wire', async () => {
    store.failure = new Error('password=hunter2');
    const error = await ring.signingKey().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).cause).toBe(store.failure);
    expect((error as OAuthError).description).not.toMatch(/hunter2/);
  });

  describe('when somebody can write to the database but has no key-encryption key', () => {
    const forge = async (change: (mine: ReturnType<typeof attackersKey>) => object): Promise<void> => {
      const [newest] = await store.list();
      const row = { ...newest!, ...change(attackersKey()), activatesAt: clock.now() };
      await store.publish(row, newest!.id, after(clock.now(), 1e6), { type: 'key.published', at: clock.now() });
    };
    const attackersKey = () => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return { jwk: publicKey.export({ format: 'jwk' }), der: privateKey.export({ type: 'pkcs8', format: 'der' }) };
    };

    it('publishes no key that was sealed with another key', async () => {
      const honest = await kids();
      await forge(({ jwk, der }) => ({
        id: 'evil' as KeyId,
        publicJwk: { ...jwk, kid: 'evil' },
        sealedPrivateKey: new AesGcmKeyVault([randomBytes(32)]).seal(der, 'signing-key:evil'),
      }));
      clock.pass(60);
      expect(await kids()).toEqual(honest);
      expect((await ring.signingKey()).id).toBe(honest[0]);
      expect(await ring.verificationKey('evil')).toBeUndefined();
      expect(problems).toContainEqual(expect.objectContaining({ kind: 'key_not_opened', keyId: 'evil' }));
    });

    it('publishes no public key of his beside a sealed key of ours', async () => {
      const [honest] = await store.list();
      await forge(({ jwk }) => ({ id: 'evil' as KeyId, publicJwk: { ...jwk, kid: 'evil' } }));
      clock.pass(60);
      expect(await kids()).toEqual([honest!.id]);
    });

    it('does not believe the public columns of an honest row', async () => {
      const honest = await ring.publishedJwks();
      const { jwk } = attackersKey();
      const [row] = await store.list();
      store = new MemorySigningKeyStore();
      await store.publish({ ...row!, publicJwk: { ...jwk, kid: row!.id } }, undefined, clock.now(), {
        type: 'key.published',
        at: clock.now(),
      });
      expect(await newRing().publishedJwks()).toEqual(honest);
    });

    it('does not open a key that bears the name of another', async () => {
      const [first] = await store.list();
      const times = { publishedAt: clock.now(), activatesAt: clock.now() };
      const second = await newSigningKey(vault, times);
      store = new MemorySigningKeyStore();
      await store.publish({ ...first!, sealedPrivateKey: second.sealedPrivateKey }, undefined, clock.now(), {
        type: 'key.published',
        at: clock.now(),
      });
      await expect(newRing().signingKey()).rejects.toMatchObject(unavailable);
    });
  });

  it('opens keys of before and after a change of the key-encryption key, while the old one is listed', async () => {
    const first = await ring.signingKey();
    vault = new AesGcmKeyVault([randomBytes(32), keyEncryptionKey]);
    ring = newRing();
    expect((await ring.signingKey()).id).toBe(first.id);
    clock.pass(interval);
    rotation = new SigningKeyRotation({ store, vault, clock, policy: keyPolicy({ accessTokenLifetime: 300 }) });
    const { published } = await rotation.run();
    clock.pass(900);
    expect((await ring.signingKey()).id).toBe(published);
    expect(problems).toEqual([]);
  });
});
