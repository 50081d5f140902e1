import { EXPIRING_RECORDS, type ExpiringRecord } from '@gatehouse/authorization-server';
import {
  aClient,
  anyHash,
  aPerson,
  aRefreshState,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenDevice,
  givenInteraction,
  givenParties,
  rotated,
} from '@gatehouse/authorization-server/testing';
import { type ProviderId } from '@gatehouse/identity';
import { after, newSecret, tokenHash } from '@gatehouse/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PgAuditLog } from '../audit/audit.log.js';
import { PgAttemptCounter } from '../attempts/attempt.counter.js';
import { toBytes } from '../base64url.js';
import { PgPendingSignInStore } from '../factors/pending-sign-in.store.js';
import { PgSessionStore } from '../sessions/session.store.js';
import { PgSsoLoginStore } from '../sso/sso-login.store.js';
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
    const session = { ...aPerson(accountId), id, expiresAt };
    await new PgSessionStore(fixture.database).start(session, undefined, {
      type: 'sign_in.succeeded',
      at: CONTRACT_NOW,
    });
    return session;
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
    await database.query(
      `INSERT INTO logout_notices (id, client_id, account_id, sid, ended_at, due_at)
       VALUES (gen_random_uuid(), 'c_told', gen_random_uuid(), gen_random_uuid(), $1, $2)`,
      [end, after(end, HOUR)],
    );
    await new PgSsoLoginStore(database).begin({
      state: anyHash(),
      browser: anyHash(),
      providerId: 'okta' as ProviderId,
      sealed: 'sealed',
      expiresAt: end,
    });
    const half = { place: anyHash(), browser: anyHash(), challenge: String(anyHash()), expiresAt: end };
    await new PgPendingSignInStore(database).begin(half);
    await fixture.assertions.use(parties.client.id, end.toISOString(), end);
    await fixture.proofs.use(anyHash(), 'x', end);
    const pushed = { id: tokenHash(newSecret('ghq_')), clientId: parties.client.id, parameters: [], expiresAt: end };
    await fixture.pushed.push(pushed);
    const { device } = await givenDevice(fixture, parties, { expiresAt: end });
    await new PgAttemptCounter(database).count(end.toISOString(), { limit: 1, window: 60 }, after(end, -60));
    const registered = aClient();
    await fixture.registrations.admit({ client: registered }, { type: 'client.registered', at: end }, end);
    const asBegun = interaction.createdAt;
    await new PgAuditLog(database).record({ type: 'cleanup.finished', at: end });
    return {
      audit_events: async () =>
        (await database.query(`SELECT 1 FROM audit_events WHERE at = $1 AND type = 'cleanup.finished'`, [end]))[0],
      interactions: () => fixture.interactions.find(interaction.id, interaction.browser, asBegun),
      codes: () => fixture.codes.find(code.hash),
      authorizations: () => fixture.authorizations.find(authorization.id),
      pushed_requests: () => fixture.pushed.find(pushed.id, asBegun),
      devices: () => fixture.devices.poll(device.code, device.clientId, asBegun),
      registrations: () => fixture.clients.find(registered.id),
      sessions: () => new PgSessionStore(database).find(session.id, CONTRACT_NOW),
      logout_notices: async () => (await database.query(`SELECT 1 FROM logout_notices WHERE ended_at = $1`, [end]))[0],
      sso_logins: async () => (await database.query(`SELECT 1 FROM sso_logins WHERE expires_at = $1`, [end]))[0],
      pending_sign_ins: () => new PgPendingSignInStore(database).find(half, asBegun),
      assertions: async () => (await database.query(`SELECT 1 FROM used_assertions WHERE expires_at = $1`, [end]))[0],
      proofs: async () => (await database.query(`SELECT 1 FROM used_proofs WHERE expires_at = $1`, [end]))[0],
      attempts: async () => (await database.query(`SELECT 1 FROM attempts WHERE key = $1`, [end.toISOString()]))[0],
    };
  }

  it.each(EXPIRING_RECORDS)(
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

  it('deletes audit events only as the clean-up: a statement that says nothing is refused as before, also after one', async () => {
    const { database } = fixture;
    const log = new PgAuditLog(database);
    for (const days of [3, 2, 1]) await log.record({ type: 'cleanup.finished', at: after(CONTRACT_NOW, -days * DAY) });
    expect(await expired.deleteBatch('audit_events', after(CONTRACT_NOW, -2 * DAY), 100)).toBe(1);
    const mistake = database.query(`WITH gone AS (DELETE FROM audit_events RETURNING true) SELECT true FROM gone`);
    await expect(mistake).rejects.toMatchObject({ sqlState: '42501' });
    expect(await database.query(`SELECT 1 FROM audit_events`)).toHaveLength(2);
  });

  it('looks at no more audit events than it may delete, however many there are', async () => {
    const log = new PgAuditLog(fixture.database);
    await log.record({ type: 'cleanup.finished', at: CONTRACT_NOW });
    for (const days of [3, 2]) await log.record({ type: 'cleanup.finished', at: after(CONTRACT_NOW, -days * DAY) });
    expect(await expired.deleteBatch('audit_events', after(CONTRACT_NOW, -DAY), 1)).toBe(0);
    expect(await expired.deleteBatch('audit_events', after(CONTRACT_NOW, -DAY), 100)).toBe(2);
  });
});
