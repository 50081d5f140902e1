/* Acts and questions of many requests in one statement: each as if it had come alone. */
import { type AuditEvent } from '@gatehouse/audit';
import { type Authorization, type RefreshState } from '@gatehouse/authorization-server';
import {
  aBirth,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenParties,
  rotated,
} from '@gatehouse/authorization-server/testing';
import { type AuthorizationId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PgAuthorizationStore } from './authorizations/authorization.store.js';
import { openDatabase } from './database.js';
import {
  DISABLE,
  holdTransaction,
  pgStoreFixture,
  type PgStoreFixture,
  statementsOf,
  untilBlocked,
} from './testing/index.js';

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

  it('give birth each to its own, and only those whose code and parties are good', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const parties = await givenParties(fixture);
        const code = await givenCode(fixture, parties);
        return { ...parties, code, birth: aBirth(code) };
      }),
    );
    await fixture.database.query(DISABLE.client, [all[0]!.client.id]);
    await fixture.database.query(DISABLE.account, [all[1]!.accountId]);
    await fixture.database.query(DISABLE.resource, [all[2]!.resource.identifier]);
    const redeem = ({ code, birth }: (typeof all)[number], now = CONTRACT_NOW) => {
      const audit = { type: 'code.redeemed', at: now, clientId: code.clientId, authorizationId: birth.id } as const;
      return fixture.codes.redeem(code, birth, audit, now);
    };
    const again = { ...all[3]!, birth: aBirth(all[3]!.code) };
    const before = (await fixture.auditTrail()).length;
    const expected = all.map((_, index) => index > 2 && index !== 4);
    const won = await Promise.all([
      ...all.map((each, index) => redeem(each, index === 4 ? each.code.expiresAt : CONTRACT_NOW)),
      redeem(again),
    ]);
    expect(won).toEqual([...expected, false]);
    const born = await Promise.all(all.map(({ birth }) => fixture.authorizations.find(birth.id)));
    expect(born.map((found) => found?.authorization)).toEqual(
      all.map(({ birth }, index) => (expected[index] ? birth : undefined)),
    );
    expect(await fixture.authorizations.find(again.birth.id)).toBeUndefined();
    const events = (await fixture.auditTrail()).slice(before);
    expect(events.map(({ clientId, authorizationId }) => `${clientId} ${authorizationId}`).sort()).toEqual(
      all
        .filter((_, index) => expected[index])
        .map(({ code, birth }) => `${code.clientId} ${birth.id}`)
        .sort(),
    );
  });

  it('lose alone what is revoked while their statement waits for it', async () => {
    const all = await families();
    const [ended, ...honest] = all;
    const revocation = await holdTransaction(
      fixture.url,
      `UPDATE authorizations SET revoked_at = now(), revocation_reason = 'revoked_by_operator' WHERE id = $1`,
      [ended!.authorization.id],
    );
    const rotations = Promise.all(all.map(({ authorization, refresh }) => rotate(authorization, refresh)));
    await untilBlocked(fixture.database, 1);
    await revocation.commit();
    expect(await rotations).toEqual([false, ...honest.map(() => true)]);
  });

  it('have one winner a token over two replicas that bring the same ones in opposite orders, and nobody is refused', async () => {
    const database = await openDatabase({ url: fixture.url, poolSize: 4, applicationName: 'replica' });
    try {
      const replicas = [fixture.authorizations, new PgAuthorizationStore(database)];
      for (let round = 0; round < 4; round += 1) {
        const all = await families();
        const next = all.map(({ refresh }) => [rotated(refresh), rotated(refresh)] as const);
        const won = await Promise.all(
          replicas.map(async (replica, which) => {
            const order = all.map((_, index) => (which === 0 ? index : all.length - 1 - index));
            const results = await Promise.all(
              order.map(async (index) => {
                const { authorization, refresh } = all[index]!;
                const audit = { type: 'refresh.rotated', at: CONTRACT_NOW } as const;
                const to = next[index]![which as 0 | 1];
                return [
                  index,
                  await replica.rotate(authorization.id, refresh.currentHash, to, audit, CONTRACT_NOW),
                ] as const;
              }),
            );
            return new Map(results);
          }),
        );
        for (const [index, { authorization }] of all.entries()) {
          expect([won[0]?.get(index), won[1]?.get(index)].filter(Boolean)).toHaveLength(1);
          const winner = won[0]?.get(index) ? next[index]![0] : next[index]![1];
          const stored = (await fixture.authorizations.find(authorization.id))?.authorization.refresh;
          expect(stored?.currentHash).toBe(winner.currentHash);
        }
      }
    } finally {
      await database.close();
    }
  }, 60_000);

  it('get through, and so does an operator who ends all that their client has at that moment', async () => {
    const parties = await givenParties(fixture);
    // Stored in the order opposite to that of their ids.
    const all = [];
    for (const first of ['f', '8', '1']) {
      const code = await givenCode(fixture, parties);
      const birth = aBirth(code, { id: `${first}${randomUUID().slice(1)}` as AuthorizationId });
      const audit = { type: 'code.redeemed', at: CONTRACT_NOW } as const;
      expect(await fixture.codes.redeem(code, birth, audit, CONTRACT_NOW)).toBe(true);
      all.push(birth);
    }
    const held = await holdTransaction(fixture.url, `UPDATE authorizations SET nonce = nonce WHERE id = $1`, [
      all[1]!.id,
    ]);
    const rotations = Promise.all(all.toReversed().map((each) => rotate(each, each.refresh!)));
    await untilBlocked(fixture.database, 1);
    const ending = fixture.administration.revokeAll(parties.client.id, { type: 'client.revoked', at: CONTRACT_NOW });
    await untilBlocked(fixture.database, 2);
    await held.rollback();
    expect([await rotations, await ending]).toEqual([[true, true, true], 3]);
  }, 20_000);
});
