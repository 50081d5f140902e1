import { type Client, type ExpiringRecord } from '@gatehouse/authorization-server';
import {
  aClient,
  aRefreshState,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenInteraction,
  givenParties,
  rotated,
} from '@gatehouse/authorization-server/testing';
import { after, newSecret, tokenHash } from '@gatehouse/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PgAttemptCounter } from '../attempts/attempt.counter.js';
import { toBytes } from '../base64url.js';
import { PgSessionStore } from '../sessions/session.store.js';
import { holdTransaction, pgStoreFixture, type PgStoreFixture } from '../testing/index.js';
import { PgExpiredRecords } from './expired-records.js';

const HOUR = 3600;
const DAY = 86_400;

describe('PgExpiredRecords', () => {
  let fixture: PgStoreFixture;
  let expired: PgExpiredRecords;
  beforeEach(async () => {
    fixture = await pgStoreFixture();
    expired = new PgExpiredRecords(fixture.database);
  });
  afterEach(() => fixture.close());

  const revoke = (authorization: Parameters<PgStoreFixture['authorizations']['revoke']>[0], at: Date) =>
    fixture.authorizations.revoke(authorization, 'revoked_by_client', { type: 'authorization.revoked', at });
  async function startSession(expiresAt: Date) {
    const id = tokenHash(newSecret('ghw_'));
    const accountId = await fixture.addAccount();
    const session = { id, accountId, authenticatedAt: CONTRACT_NOW, expiresAt };
    await new PgSessionStore(fixture.database).start(session, undefined, {
      type: 'sign_in.succeeded',
      at: CONTRACT_NOW,
    });
    return session;
  }

  async function register(createdAt: Date, origin: Client['origin'] = 'dynamic') {
    const client = aClient({ origin, createdAt });
    await fixture.clients.register(client, { type: 'client.registered', at: createdAt });
    return client;
  }

  /** One row of each kind that ends at the same moment, and how to look for it. */
  async function rowsEndingAt(end: Date): Promise<Record<ExpiringRecord, () => Promise<unknown>>> {
    const { database } = fixture;
    const parties = await givenParties(fixture);
    const interaction = await givenInteraction(fixture, parties, { expiresAt: end });
    const code = await givenCode(fixture, parties);
    await database.query(`WITH moved AS (UPDATE authorization_codes SET expires_at = $2 WHERE hash = $1) SELECT 1`, [
      toBytes(code.hash),
      end,
    ]);
    const { authorization } = await givenAuthorization(fixture, {
      expiresAt: end,
      refresh: aRefreshState({ idleExpiresAt: after(end, DAY) }),
    });
    const session = await startSession(end);
    await new PgAttemptCounter(database).count(end.toISOString(), { limit: 1, window: 60 }, after(end, -60));
    const client = await register(end);
    const asBegun = interaction.createdAt;
    return {
      interactions: () => fixture.interactions.find(interaction.id, interaction.browser, asBegun),
      codes: () => fixture.codes.find(code.hash),
      authorizations: () => fixture.authorizations.find(authorization.id),
      sessions: () => new PgSessionStore(database).find(session.id, CONTRACT_NOW),
      attempts: async () => (await database.query(`SELECT 1 FROM attempts WHERE key = $1`, [end.toISOString()]))[0],
      clients: () => fixture.clients.find(client.id),
    };
  }

  it.each(['interactions', 'codes', 'authorizations', 'sessions', 'attempts', 'clients'] as const)(
    'deletes %s whose end lies before the given moment, and none that end at it or later',
    async (record) => {
      const end = after(CONTRACT_NOW, HOUR);
      const old = await rowsEndingAt(end);
      const later = await rowsEndingAt(after(end, 1));
      await expired.deleteBatch(record, end, 100);
      expect(await old[record]()).toBeDefined();
      expect(await expired.deleteBatch(record, after(end, 1), 100)).toBeGreaterThan(0);
      expect(await old[record]()).toBeUndefined();
      expect(await later[record]()).toBeDefined();
    },
  );

  it('keeps a spent code readable until then, so that its reuse still ends what it gave birth to', async () => {
    const code = await givenCode(fixture, await givenParties(fixture));
    await expired.deleteBatch('codes', code.expiresAt, 100);
    expect(await fixture.codes.find(code.hash)).toBeDefined();
  });

  it('finds authorizations that ended by idling or by revocation, long before they would have expired', async () => {
    const idle = await givenAuthorization(fixture, { expiresAt: after(CONTRACT_NOW, 100 * DAY) });
    const ended = await givenAuthorization(fixture, {
      expiresAt: after(CONTRACT_NOW, 100 * DAY),
      refresh: aRefreshState({ idleExpiresAt: after(CONTRACT_NOW, 50 * DAY) }),
    });
    await revoke(ended.authorization.id, after(CONTRACT_NOW, HOUR));
    const alive = await givenAuthorization(fixture, { expiresAt: after(CONTRACT_NOW, 100 * DAY) });
    const next = rotated(alive.refresh, after(CONTRACT_NOW, HOUR - 1));
    await fixture.authorizations.rotate(
      alive.authorization.id,
      alive.refresh.currentHash,
      { ...next, idleExpiresAt: after(CONTRACT_NOW, 30 * DAY) },
      { type: 'refresh.rotated', at: CONTRACT_NOW },
      after(CONTRACT_NOW, HOUR - 1),
    );
    expect(await expired.deleteBatch('authorizations', after(CONTRACT_NOW, 2 * DAY), 100)).toBe(2);
    expect(await fixture.authorizations.find(idle.authorization.id)).toBeUndefined();
    expect(await fixture.authorizations.find(ended.authorization.id)).toBeUndefined();
    expect(await fixture.authorizations.find(alive.authorization.id)).toBeDefined();
  });

  it('keeps a client for ever once somebody approved it, and one that an operator registered (AS-104)', async () => {
    const approved = await register(CONTRACT_NOW);
    const parties = { ...(await givenParties(fixture)), client: approved };
    await givenCode(fixture, parties);
    const operators = await register(CONTRACT_NOW, 'pre-registered');
    const abandoned = await register(CONTRACT_NOW);
    await expired.deleteBatch('clients', after(CONTRACT_NOW, 1000 * DAY), 100);
    expect(await fixture.clients.find(approved.id)).toBeDefined();
    expect(await fixture.clients.find(operators.id)).toBeDefined();
    expect(await fixture.clients.find(abandoned.id)).toBeUndefined();
  });

  it('does not take a client away under the click that approves it', async () => {
    const client = await register(CONTRACT_NOW);
    const click = await holdTransaction(fixture.url, `UPDATE clients SET unused_since = NULL WHERE id = $1`, [
      client.id,
    ]);
    expect(await expired.deleteBatch('clients', after(CONTRACT_NOW, DAY), 100)).toBe(0);
    await click.commit();
    expect(await expired.deleteBatch('clients', after(CONTRACT_NOW, DAY), 100)).toBe(0);
    expect(await fixture.clients.find(client.id)).toBeDefined();
  });

  it('deletes no more than the limit at once, the oldest first, and says how many', async () => {
    for (const seconds of [30, 10, 20]) await startSession(after(CONTRACT_NOW, seconds));
    const before = after(CONTRACT_NOW, HOUR);
    expect(await expired.deleteBatch('sessions', before, 2)).toBe(2);
    const left = await fixture.database.query(`SELECT expires_at FROM sessions`);
    expect(left).toEqual([{ expires_at: after(CONTRACT_NOW, 30) }]);
    expect(await expired.deleteBatch('sessions', before, 2)).toBe(1);
    expect(await expired.deleteBatch('sessions', before, 2)).toBe(0);
  });

  it('passes over a row that a request holds instead of waiting for it', async () => {
    const { id } = await startSession(after(CONTRACT_NOW, 10));
    await startSession(after(CONTRACT_NOW, 20));
    const request = await holdTransaction(fixture.url, `SELECT FROM sessions WHERE id = $1 FOR UPDATE`, [toBytes(id)]);
    expect(await expired.deleteBatch('sessions', after(CONTRACT_NOW, HOUR), 100)).toBe(1);
    await request.commit();
    expect(await expired.deleteBatch('sessions', after(CONTRACT_NOW, HOUR), 100)).toBe(1);
  });

  it('lets several workers share the work: each row is counted once', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, index) => startSession(after(CONTRACT_NOW, index))));
    const before = after(CONTRACT_NOW, HOUR);
    let deleted = 0;
    while (deleted < 60) {
      const batches = Array.from({ length: 8 }, () => expired.deleteBatch('sessions', before, 5));
      deleted += (await Promise.all(batches)).reduce((sum, count) => sum + count, 0);
    }
    expect(deleted).toBe(60);
  });
});
