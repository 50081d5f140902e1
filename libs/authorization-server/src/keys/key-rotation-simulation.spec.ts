import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { Clock, after } from '@gatehouse/protocol';
import { AesGcmKeyVault } from './aes-gcm-key-vault.js';
import { KEY_TIMING, type KeyPolicy, keyPolicy } from './key-policy.js';
import { KeyRing } from './key-ring.js';
import { SigningKeyRotation } from './signing-key-rotation.js';
import { MemorySigningKeyStore } from './testing/memory-signing-key.store.js';

/**
 * A hundred days, a rotation a day: replicas and workers whose clocks differ, workers that run together, are late or
 * dead for days, a store that is lost now and then, and verifiers that hold on to the JWKS as long as they may.
 */
const policy = keyPolicy({ rotationInterval: 86_400, accessTokenLifetime: 300 });
let time = new Date('2026-01-01T00:00:00.000Z');

class SkewedClock extends Clock {
  readonly #skew: number;
  constructor(skew: number) {
    super();
    this.#skew = skew;
  }
  override now(): Date {
    return after(time, this.#skew);
  }
}

/** The same run every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type FetchJwks = () => Promise<{ keys: { kid?: string }[] }>;

/** As a strict client caches: by max-age, and once more for an unknown key id, but not within the cooldown. */
class CachingVerifier {
  #kids = new Set<unknown>();
  #fetchedAt = new Date(0);
  readonly #fetch: FetchJwks;
  constructor(fetch: FetchJwks) {
    this.#fetch = fetch;
  }

  async accepts(kid: string): Promise<boolean> {
    const age = (time.getTime() - this.#fetchedAt.getTime()) / 1000;
    const unknown = !this.#kids.has(kid) && age >= KEY_TIMING.verifierCooldown;
    if (age >= KEY_TIMING.jwksMaxAge || unknown) {
      this.#kids = new Set((await this.#fetch()).keys.map((key) => key.kid));
      this.#fetchedAt = time;
    }
    return this.#kids.has(kid);
  }
}

async function simulate(days: number, step: number, policy: KeyPolicy) {
  const random = generator(42);
  const store = new MemorySigningKeyStore();
  const vault = new AesGcmKeyVault([randomBytes(32)]);
  const workers = [-30, 0, 30].map(
    (skew) => new SigningKeyRotation({ store, vault, clock: new SkewedClock(skew), policy }),
  );
  const rings = [-30, 0, 30].map((skew) => new KeyRing({ store, vault, clock: new SkewedClock(skew) }));
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const verifiers = Array.from({ length: 30 }, () => new CachingVerifier(() => pick(rings).publishedJwks()));
  await Promise.all(workers.map((worker) => worker.ensureKey()));

  let tokens: { kid: string; expiresAt: Date }[] = [];
  let lostUntil = time;
  let workersDeadUntil = time;
  const count = { issued: 0, refused: 0, checked: 0, unavailable: 0, mostKeys: 0, published: 1 };
  const end = after(time, days * 86_400);
  for (let nextRun = time; time < end; time = after(time, step)) {
    if (time >= lostUntil && random() < 0.0005) lostUntil = after(time, random() * 1200);
    store.failure = time < lostUntil ? new Error('lost') : undefined;
    if (random() < 0.00005) workersDeadUntil = after(time, random() * 4 * 86_400);
    if (time >= nextRun && time >= workersDeadUntil) {
      nextRun = after(time, random() * 7200);
      const runs = await Promise.allSettled(workers.map((worker) => worker.run()));
      for (const run of runs) if (run.status === 'fulfilled' && run.value.published) count.published += 1;
    }
    for (const ring of rings)
      try {
        const { id } = await ring.signingKey();
        tokens.push({ kid: id, expiresAt: after(time, policy.accessTokenLifetime) });
        count.issued += 1;
      } catch {
        count.unavailable += 1;
      }
    tokens = tokens.filter(({ expiresAt }) => expiresAt > time);
    const newestFirst = [...tokens].reverse();
    for (const token of [newestFirst[0], newestFirst.at(-1), pick(tokens), pick(tokens)]) {
      if (!token) continue;
      count.checked += 1;
      if (!(await pick(verifiers).accepts(token.kid))) count.refused += 1;
    }
    if (time >= lostUntil) count.mostKeys = Math.max(count.mostKeys, (await rings[1]!.publishedJwks()).keys.length);
  }

  return count;
}

it('refuses no token in a hundred days of daily rotations (AS-112)', async () => {
  const count = await simulate(100, 120, policy);
  expect(count.refused).toBe(0);
  expect(count.published).toBeGreaterThan(70);
  expect(count.checked).toBeGreaterThan(250_000);
  // The store was really lost for long enough to stop some signing, and the JWKS never grew.
  expect(count.unavailable).toBeGreaterThan(0);
  expect(count.unavailable / count.issued).toBeLessThan(0.2);
  expect(count.mostKeys).toBe(2);
}, 120_000);

it('would notice: with keys that sign at once, tokens are refused', async () => {
  const count = await simulate(2, 10, { ...policy, rotationInterval: 3000, publishLead: 1 });
  expect(count.refused).toBeGreaterThan(0);
}, 120_000);

it('would notice: with keys withdrawn at once, tokens are refused', async () => {
  const count = await simulate(10, 120, { ...policy, accessTokenLifetime: 300, withdrawalSlack: -300 });
  expect(count.refused).toBeGreaterThan(0);
}, 120_000);
