/* Acts and questions of many requests in one statement: each as if it had come alone. */
import { type AuditEvent } from '@gatehouse/audit';
import { type Authorization, type RefreshState } from '@gatehouse/authorization-server';
import { CONTRACT_NOW, givenAuthorization, rotated } from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DISABLE, holdTransaction, pgStoreFixture, type PgStoreFixture, statementsOf } from './testing/index.js';

const MANY = 32;

describe('many requests at one moment', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  const families = () => Promise.all(Array.from({ length: MANY }, () => givenAuthorization(fixture)));
  const rotate = (authorization: Authorization, from: RefreshState, to = rotated(from)) => {
    const audit: AuditEvent = { type: 'refresh.rotated', at: CONTRACT_NOW, authorizationId: authorization.id };
    return fixture.authorizations.rotate(authorization.id, from.currentHash, to, audit, CONTRACT_NOW);
  };

  it('find and rotate their families in two statements each at most', async () => {
    const all = await families();
    const found = await statementsOf(fixture.database, async () => {
      const records = await Promise.all(all.map(({ authorization }) => fixture.authorizations.find(authorization.id)));
      expect(records.map((record) => record?.authorization.id)).toEqual(
        all.map(({ authorization }) => authorization.id),
      );
    });
    expect(found.length).toBeLessThanOrEqual(2);
    const rotations = await statementsOf(fixture.database, async () => {
      const won = await Promise.all(all.map(({ authorization, refresh }) => rotate(authorization, refresh)));
      expect(won).toEqual(all.map(() => true));
    });
    expect(rotations.length).toBeLessThanOrEqual(2);
  });

  it('win or lose each by the own conditions: revoked, disabled and stale ones lose beside honest ones', async () => {
    const all = await families();
    const [revoked, disabled, stale, ...honest] = all;
    const audit: AuditEvent = { type: 'authorization.revoked', at: CONTRACT_NOW };
    await fixture.authorizations.revoke(revoked!.authorization.id, 'revoked_by_account', audit);
    await fixture.database.query(DISABLE.client, [disabled!.client.id]);
    await rotate(stale!.authorization, stale!.refresh);
    const before = (await fixture.auditTrail()).length;
    const won = await Promise.all(all.map(({ authorization, refresh }) => rotate(authorization, refresh)));
    expect(won).toEqual([false, false, false, ...honest.map(() => true)]);
    const events = (await fixture.auditTrail()).slice(before);
    expect(events.map(({ authorizationId }) => authorizationId).sort()).toEqual(
      honest.map(({ authorization }) => authorization.id).sort(),
    );
  });

  it('have one winner a token, however many bring the same one beside others', async () => {
    const all = await families();
    const [{ authorization, refresh } = all[0]!] = all;
    const same = Array.from({ length: 20 }, () => rotate(authorization, refresh));
    const others = all.slice(1).map((other) => rotate(other.authorization, other.refresh));
    expect((await Promise.all(same)).filter(Boolean)).toHaveLength(1);
    expect(await Promise.all(others)).toEqual(others.map(() => true));
  });

  it('are not refused for the lock that one of them waits for in vain', async () => {
    const all = await families();
    const [blocked, ...honest] = all;
    const held = await holdTransaction(fixture.url, `UPDATE authorizations SET nonce = nonce WHERE id = $1`, [
      blocked!.authorization.id,
    ]);
    try {
      const outcomes = await Promise.allSettled(
        all.map(({ authorization, refresh }) => rotate(authorization, refresh)),
      );
      expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { code: 'temporarily_unavailable' } });
      expect(outcomes.slice(1)).toEqual(honest.map(() => ({ status: 'fulfilled', value: true })));
    } finally {
      await held.rollback();
    }
  }, 20_000);

  it('are not refused for what one of them wrote, and each gets its own refusal', async () => {
    const all = await families();
    const ids = ['bad\u0000id', ...all.map(({ client }) => client.id)];
    const outcomes = await Promise.allSettled(ids.map((id) => fixture.clients.find(id as never)));
    expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { code: 'invalid_request' } });
    expect(outcomes.slice(1).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});
