import { after, newSecret, type SecretHash, tokenHash } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import { TestVault } from '../testing/memory-core.js';
import { Secrets } from './secrets.js';

function secretsUnder(...masters: string[]): Secrets {
  const vault = new TestVault();
  vault.masters = masters;
  return new Secrets(vault);
}
const NOW = new StoppedClock().now();

describe('a secret', () => {
  const secrets = secretsUnder('newest');
  const secret = newSecret('ghs_');

  it('matches what was stored of it, beside another one', () => {
    const stored = [{ hash: secrets.hash(newSecret('ghs_')) }, { hash: secrets.hash(secret) }];
    expect(secrets.match(secret, stored, NOW)).toBe('match');
  });

  it('is good until its end and not at it', () => {
    const stored = [{ hash: secrets.hash(secret), expiresAt: after(NOW, 60) }];
    expect(secrets.match(secret, stored, after(NOW, 59))).toBe('match');
    expect(secrets.match(secret, stored, after(NOW, 60))).toBe('expired');
  });

  it('is still known after the key-encryption key was replaced, as long as the old one is listed', () => {
    const stored = [{ hash: secrets.hash(secret) }];
    expect(secretsUnder('replacement', 'newest').match(secret, stored, NOW)).toBe('match');
    expect(secretsUnder('replacement').match(secret, stored, NOW)).toBe('wrong');
  });

  it('is stored under the newest key', () => {
    const hash = secretsUnder('replacement', 'newest').hash(secret);
    expect(hash).toBe(secretsUnder('replacement').hash(secret));
    expect(hash).not.toBe(secrets.hash(secret));
  });
});

describe('a thief of the database', () => {
  const secrets = secretsUnder('newest');
  const secret = newSecret('ghs_');

  it('cannot use the stored hash as the secret', () => {
    const hash = secrets.hash(secret);
    expect(secrets.match(hash, [{ hash }], NOW)).toBe('wrong');
  });

  it('cannot plant the hash of a secret of its own without the key', () => {
    const planted = tokenHash('mine') as string as SecretHash;
    expect(secrets.match('mine', [{ hash: planted }], NOW)).toBe('wrong');
  });

  it('opens nothing where there is no secret', () => {
    for (const guess of ['', secret]) expect(secrets.match(guess, [], NOW)).toBe('wrong');
  });
});
