import { describe, expect, it } from '@jest/globals';
import { hash, verify } from '@node-rs/argon2';
import { type Argon2, type Argon2Cost, Argon2PasswordHasher } from './argon2-password-hasher.js';

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const password = 'correct horse battery';

/** The real thing, watched. */
class WatchedArgon2 implements Argon2 {
  readonly verifiedWith: string[] = [];
  running = 0;
  most = 0;
  hash: Argon2['hash'] = async (text, cost) => hash(text, cost);
  verify: Argon2['verify'] = async (stored, text) => {
    this.verifiedWith.push(stored);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    const matches = await verify(stored, text);
    this.running -= 1;
    return matches;
  };
}

/** Verification that ends only when the test says so. */
class HeldArgon2 implements Argon2 {
  readonly release: (() => void)[] = [];
  hash: Argon2['hash'] = async () => '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA';
  verify: Argon2['verify'] = async () =>
    new Promise((resolve) => {
      this.release.push(() => {
        resolve(true);
      });
    });
}

function parameters(stored: string): string {
  return stored.split('$').slice(0, 4).join('$');
}

describe('Argon2PasswordHasher', () => {
  it('makes an argon2id hash of 19 MiB, two passes and one lane, salted anew each time', async () => {
    const hasher = new Argon2PasswordHasher();
    const [first, second] = [await hasher.hash(password), await hasher.hash(password)];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(second).not.toBe(first);
    expect(hasher.needsRehash(first)).toBe(false);
  });

  it('lets the right password in and no other', async () => {
    const hasher = new Argon2PasswordHasher({ cost: cheap });
    const stored = await hasher.hash(password);
    expect(await hasher.verify(stored, password)).toBe(true);
    expect(await hasher.verify(stored, `${password} `)).toBe(false);
    expect(await hasher.verify(stored, '')).toBe(false);
  });

  it('does one verification of the same cost when nobody has that name', async () => {
    const argon2 = new WatchedArgon2();
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2 });
    await hasher.prepare();
    const stored = await hasher.hash(password);
    await hasher.verify(stored, 'a wrong password');
    expect(await hasher.verify(undefined, 'a wrong password')).toBe(false);
    expect(argon2.verifiedWith).toHaveLength(2);
    expect(parameters(argon2.verifiedWith[1]!)).toBe(parameters(stored));
  });

  it('does the same work for a stored text that is no hash, and lets nobody in', async () => {
    const argon2 = new WatchedArgon2();
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2 });
    for (const stored of ['', 'plain', '$argon2id$v=19$m=64,t=1,p=1$broken'])
      expect(await hasher.verify(stored, stored)).toBe(false);
    expect(argon2.verifiedWith).toHaveLength(3);
  });

  it('does not verify a stored hash that would take sixteen times its share of memory and time', async () => {
    const argon2 = new WatchedArgon2();
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2 });
    const costly = await hash(password, { ...cheap, memoryCost: 64 * 64 });
    expect(await hasher.verify(costly, password)).toBe(false);
    expect(argon2.verifiedWith).not.toContain(costly);
  });

  it('asks to renew a hash of another kind or lower cost, not one of higher cost', async () => {
    const hasher = new Argon2PasswordHasher({ cost: { memoryCost: 128, timeCost: 2, parallelism: 1 } });
    const made = async (cost: Partial<Argon2Cost> & { algorithm?: number }): Promise<string> =>
      hash(password, { memoryCost: 128, timeCost: 2, parallelism: 1, ...cost });
    expect(hasher.needsRehash(await made({ memoryCost: 64 }))).toBe(true);
    expect(hasher.needsRehash(await made({ timeCost: 1 }))).toBe(true);
    expect(hasher.needsRehash(await made({ algorithm: 1 }))).toBe(true);
    expect(hasher.needsRehash('not a hash')).toBe(true);
    expect(hasher.needsRehash(await made({ memoryCost: 256, timeCost: 3 }))).toBe(false);
  });

  it('verifies two at a time, however many ask', async () => {
    const argon2 = new WatchedArgon2();
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2 });
    const stored = await hasher.hash(password);
    const answers = await Promise.all(Array.from({ length: 40 }, async () => hasher.verify(stored, password)));
    expect(answers).toEqual(Array.from({ length: 40 }, () => true));
    expect(argon2.most).toBe(2);
  });

  it('refuses at once what the queue has no room for, and serves those who waited', async () => {
    const argon2 = new HeldArgon2();
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2, queue: { concurrency: 2, waiting: 3 } });
    const stored = await argon2.hash('', { ...cheap, algorithm: 2 });
    const accepted = Array.from({ length: 5 }, async () => hasher.verify(stored, password));
    await expect(hasher.verify(stored, password)).rejects.toMatchObject({
      code: 'too_many_requests',
      reason: 'rate_limited',
      status: 429,
      retryAfter: 1,
    });
    for (let served = 0; served < 5; served++) {
      while (argon2.release.length === 0) await new Promise(setImmediate);
      argon2.release.shift()?.();
    }
    expect(await Promise.all(accepted)).toEqual([true, true, true, true, true]);
  });

  it('goes on after a failure', async () => {
    const argon2 = new WatchedArgon2();
    argon2.verify = async () => Promise.reject(new Error('out of memory'));
    const hasher = new Argon2PasswordHasher({ cost: cheap, argon2, queue: { concurrency: 1, waiting: 0 } });
    const stored = await hasher.hash(password);
    await expect(hasher.verify(stored, password)).rejects.toThrow('out of memory');
    argon2.verify = verify;
    expect(await hasher.verify(stored, password)).toBe(true);
  });
});
