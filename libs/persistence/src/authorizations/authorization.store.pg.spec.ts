import { type AuditEvent } from '@gatehouse/audit';
import { type Authorization, type RefreshState } from '@gatehouse/authorization-server';
import {
  authorizationStoreContract,
  CONTRACT_NOW,
  givenAuthorization,
  rotated,
} from '@gatehouse/authorization-server/testing';
import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toBytes } from '../base64url.js';
import {
  DISABLE,
  holdTransaction,
  pgStoreFixture,
  type PgStoreFixture,
  statementsOf,
  untilBlocked,
} from '../testing/index.js';

authorizationStoreContract('PgAuthorizationStore', () => pgStoreFixture());

describe('PgAuthorizationStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  const event = (type: AuditEvent['type'], { id }: Authorization): AuditEvent => ({
    type,
    at: CONTRACT_NOW,
    authorizationId: id,
  });
  const rotate = (authorization: Authorization, from: RefreshState, to: RefreshState) =>
    fixture.authorizations.rotate(
      authorization.id,
      from.currentHash,
      to,
      event('refresh.rotated', authorization),
      CONTRACT_NOW,
    );
  const retry = (authorization: Authorization, presented: RefreshState) =>
    fixture.authorizations.confirmRetry(
      authorization.id,
      presented.currentHash,
      after(CONTRACT_NOW, -30),
      event('refresh.answered_again', authorization),
      CONTRACT_NOW,
    );
  const revoke = (authorization: Authorization) =>
    fixture.authorizations.revoke(
      authorization.id,
      'revoked_by_account',
      event('authorization.revoked', authorization),
    );
  const typesOf = async ({ id }: Authorization) =>
    (await fixture.auditTrail())
      .filter(({ authorizationId, type }) => authorizationId === id && type !== 'code.redeemed')
      .map(({ type }) => type);

  const REVOKE = `UPDATE authorizations SET revoked_at = $2, revocation_reason = 'revoked_by_operator' WHERE id = $1`;
  const REPLACE = `UPDATE authorizations SET previous_hash = current_hash, current_hash = $2 WHERE id = $1`;

  it('lets a revocation that is under way win against the rotation that waits for it', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    const revocation = await holdTransaction(fixture.url, REVOKE, [authorization.id, CONTRACT_NOW]);
    const rotation = rotate(authorization, refresh, rotated(refresh));
    await untilBlocked(fixture.database, 1);
    await revocation.commit();
    expect(await rotation).toBe(false);
    expect(await typesOf(authorization)).toEqual([]);
  });

  it('lets a revocation that is under way win against the retry that waits for it', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    await rotate(authorization, refresh, rotated(refresh));
    const revocation = await holdTransaction(fixture.url, REVOKE, [authorization.id, CONTRACT_NOW]);
    const answer = retry(authorization, refresh);
    await untilBlocked(fixture.database, 1);
    await revocation.commit();
    expect(await answer).toBeUndefined();
    expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
  });

  it('revokes what a rotation under way has just replaced', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    const next = rotated(refresh);
    const rotation = await holdTransaction(fixture.url, REPLACE, [authorization.id, toBytes(next.currentHash)]);
    const revocation = revoke(authorization);
    await untilBlocked(fixture.database, 1);
    await rotation.commit();
    expect(await revocation).toBe(true);
    expect(await rotate(authorization, next, rotated(next))).toBe(false);
  });

  it('answers no retry while the successor is being used', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    const second = rotated(refresh);
    await rotate(authorization, refresh, second);
    const rotation = await holdTransaction(fixture.url, REPLACE, [
      authorization.id,
      toBytes(rotated(second).currentHash),
    ]);
    const answer = retry(authorization, refresh);
    await untilBlocked(fixture.database, 1);
    await rotation.commit();
    expect(await answer).toBeUndefined();
  });

  it('keeps an honest rotation when a revocation under way is taken back', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    const revocation = await holdTransaction(fixture.url, REVOKE, [authorization.id, CONTRACT_NOW]);
    const rotation = rotate(authorization, refresh, rotated(refresh));
    await untilBlocked(fixture.database, 1);
    await revocation.rollback();
    expect(await rotation).toBe(true);
  });

  it('does not make refreshing wait for somebody who edits a party, and refuses from the commit of a disabling on', async () => {
    const { authorization, refresh, client } = await givenAuthorization(fixture);
    const disabling = await holdTransaction(fixture.url, DISABLE.client, [client.id]);
    const next = rotated(refresh);
    expect(await rotate(authorization, refresh, next)).toBe(true);
    await disabling.commit();
    expect(await rotate(authorization, next, rotated(next))).toBe(false);
    expect(await retry(authorization, refresh)).toBeUndefined();
  });

  it('reads name and address of the person in the same statement', async () => {
    const { authorization, accountId } = await givenAuthorization(fixture);
    await fixture.database.query(
      `WITH told AS (UPDATE accounts SET email = 'anna@house.example', email_verified = true WHERE id = $1) SELECT 1`,
      [accountId],
    );
    let found: Awaited<ReturnType<typeof fixture.authorizations.find>>;
    const statements = await statementsOf(fixture.database, async () => {
      found = await fixture.authorizations.find(authorization.id);
    });
    expect(statements).toHaveLength(1);
    expect(found?.standing.profile).toEqual({
      displayName: 'Anna',
      username: `anna-${accountId}`,
      email: { address: 'anna@house.example', verified: true },
    });
  });

  it('costs one statement a verb: a refresh is a find and a rotation', async () => {
    const { authorization, refresh } = await givenAuthorization(fixture);
    const refreshed = await statementsOf(fixture.database, async () => {
      await fixture.authorizations.find(authorization.id);
      await rotate(authorization, refresh, rotated(refresh));
    });
    expect(refreshed).toHaveLength(2);
    expect(await statementsOf(fixture.database, () => retry(authorization, refresh))).toHaveLength(1);
    expect(await statementsOf(fixture.database, () => revoke(authorization))).toHaveLength(1);
  });
});

/** As many versions of a row as one page surely holds: where it is full, another page is begun, and that writes indexes. */
const TURNS = 10;

describe('a rotation', () => {
  it('writes no index: it stays a heap-only update, but for the first one of a day', async () => {
    const fixture = await pgStoreFixture(1);
    try {
      const { authorization, refresh } = await givenAuthorization(fixture);
      let state = refresh;
      for (let turn = 0; turn < TURNS; turn += 1) {
        const next = rotated(state, after(CONTRACT_NOW, turn));
        const audit: AuditEvent = { type: 'refresh.rotated', at: CONTRACT_NOW, authorizationId: authorization.id };
        expect(
          await fixture.authorizations.rotate(authorization.id, state.currentHash, next, audit, CONTRACT_NOW),
        ).toBe(true);
        state = next;
      }
      await fixture.database.query('SELECT pg_stat_force_next_flush()');
      const [statistics] = await fixture.database.query(
        `SELECT n_tup_upd::integer AS updates, n_tup_hot_upd::integer AS heap_only
           FROM pg_stat_user_tables WHERE relname = 'authorizations'`,
      );
      expect(statistics).toEqual({ updates: TURNS, heap_only: TURNS });
    } finally {
      await fixture.close();
    }
  });
});
