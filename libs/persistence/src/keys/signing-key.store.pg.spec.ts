import { type SealedSigningKey } from '@gatehouse/authorization-server';
import { signingKeyStoreContract } from '@gatehouse/authorization-server/testing';
import { type KeyId } from '@gatehouse/protocol';
import { afterAll, describe, expect, it } from '@jest/globals';
import { holdTransaction, openTestDatabase, storedAuditEvents, untilBlocked } from '../testing/index.js';
import { PgSigningKeyStore } from './signing-key.store.js';

const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

async function open() {
  const test = await openTestDatabase();
  opened.push(test);
  return { ...test, store: new PgSigningKeyStore(test.database) };
}

signingKeyStoreContract(async () => {
  const { database, store } = await open();
  return { store, events: () => storedAuditEvents(database) };
});

describe('PgSigningKeyStore', () => {
  const at = new Date('2026-01-01T00:00:00.000Z');
  const key = (id: string, publishedAt = at): SealedSigningKey => ({
    id: id as KeyId,
    algorithm: 'ES256',
    publicJwk: { kty: 'EC', kid: id },
    sealedPrivateKey: `sealed-${id}`,
    publishedAt,
    activatesAt: publishedAt,
  });
  const published = { type: 'key.published', at } as const;

  it('waits for a publication under way and then finds that somebody else was first', async () => {
    const { url, database, store } = await open();
    const other = await holdTransaction(
      url,
      `WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('gatehouse.signing-keys', 0)))
       INSERT INTO signing_keys (kid, algorithm, public_jwk, sealed_private_key, published_at, activates_at)
       SELECT 'theirs', 'ES256', '{}', 'sealed', $1, $1 FROM locked`,
      [at],
    );
    const publication = store.publish(key('ours'), undefined, at, published);
    await untilBlocked(database, 1);
    await other.commit();
    expect(await publication).toBe(false);
    expect((await store.list()).map(({ id }) => id)).toEqual(['theirs']);
  });

  it('knows the newest by the order of publication, whatever the clocks of the workers say', async () => {
    const { store } = await open();
    const late = key('late', new Date(at.getTime() - 60_000));
    expect(await store.publish(key('first'), undefined, at, published)).toBe(true);
    expect(await store.publish(late, 'first' as KeyId, at, published)).toBe(true);
    expect((await store.list()).map(({ id }) => id)).toEqual(['first', 'late']);
    expect(await store.publish(key('third'), 'late' as KeyId, at, published)).toBe(true);
  });
});
