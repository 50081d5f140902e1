import { type AuditEvent } from '@gatehouse/audit';
import { type Authorization } from '@gatehouse/authorization-server';
import {
  aDerivation,
  CONTRACT_NOW,
  type Derived,
  exchangeStoreContract,
  givenAuthorization,
  givenGateway,
  rotated,
} from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdTransaction, pgStoreFixture, type PgStoreFixture, statementsOf, untilBlocked } from '../testing/index.js';

exchangeStoreContract('PgExchangeStore', () => pgStoreFixture());

const REVOKE = `UPDATE authorizations SET revoked_at = $2, revocation_reason = 'revoked_by_operator' WHERE id = $1`;

describe('PgExchangeStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture(10);
  });
  afterAll(() => fixture.close());

  const event = (type: AuditEvent['type'], { id }: Authorization): AuditEvent => ({
    type,
    at: CONTRACT_NOW,
    authorizationId: id,
  });
  const derive = (derived: Derived) =>
    fixture.exchanges.derive(derived, event('token.exchanged', derived), CONTRACT_NOW);
  const revoke = (authorization: Authorization) =>
    fixture.authorizations.revoke(authorization.id, 'revoked_by_account', event('token.revoked', authorization));
  /** Whether introspection would find it alive. */
  const lives = async ({ id }: Authorization) => {
    const found = await fixture.authorizations.find(id);
    return found !== undefined && !found.authorization.revoked && found.standing.ancestors !== 'over';
  };
  async function line() {
    const given = await givenAuthorization(fixture);
    const gateway = await givenGateway(fixture, given);
    const child = aDerivation(given.authorization, gateway);
    return { ...given, gateway, child, grandchild: aDerivation(child, await givenGateway(fixture, given)) };
  }

  it('lets a revocation that is under way win against the exchange that waits for it', async () => {
    const { authorization, child } = await line();
    const revocation = await holdTransaction(fixture.url, REVOKE, [authorization.id, CONTRACT_NOW]);
    const exchange = derive(child);
    await untilBlocked(fixture.database, 1);
    await revocation.commit();
    expect(await exchange).toBe(false);
    expect(await lives(child)).toBe(false);
  });

  it('keeps an honest exchange when a revocation under way is taken back', async () => {
    const { authorization, child } = await line();
    const revocation = await holdTransaction(fixture.url, REVOKE, [authorization.id, CONTRACT_NOW]);
    const exchange = derive(child);
    await untilBlocked(fixture.database, 1);
    await revocation.rollback();
    expect(await exchange).toBe(true);
    expect(await lives(child)).toBe(true);
  });

  it('lets nothing live that an exchange under way stores behind the back of a revocation', async () => {
    const { authorization, child } = await line();
    // As the exchange does it: the parent is held, the child is stored, and nothing is committed yet.
    const exchange = await holdTransaction(
      fixture.url,
      `WITH parent AS (SELECT id FROM authorizations WHERE id = $1 FOR NO KEY UPDATE)
       INSERT INTO authorizations
         (id, parent_id, client_id, resource, scopes, account_id, authenticated_at, created_at, expires_at, ends_on)
       SELECT $2, id, $3, $4, $5, $6, $7, $7, $8::timestamptz, $8::timestamptz FROM parent`,
      [
        authorization.id,
        child.id,
        child.clientId,
        child.resource,
        child.scopes,
        child.accountId,
        CONTRACT_NOW,
        child.expiresAt,
      ],
    );
    const revocation = revoke(authorization);
    await untilBlocked(fixture.database, 1);
    await exchange.commit();
    expect(await revocation).toBe(true);
    // The statement that revokes began before the child was there, and so did not mark it.
    expect((await fixture.authorizations.find(child.id))?.authorization).not.toHaveProperty('revoked');
    expect(await lives(child)).toBe(false);
  });

  it('never leaves a living derived authorization behind a revocation, however often they race', async () => {
    const outcomes = { derived: 0, refused: 0 };
    for (let round = 0; round < 150; round += 1) {
      const { authorization, gateway, child, grandchild } = await line();
      // Every other time the line is deeper: the revoked one is the grandparent then.
      if (round % 2 === 0) await derive(child);
      const late = round % 2 === 0 ? grandchild : child;
      const more = aDerivation(authorization, gateway);
      const early = round % 3 === 0 ? revoke(authorization) : undefined;
      const attempts = [derive(late), derive(more)];
      expect(await (early ?? revoke(authorization))).toBe(true);
      for (const each of await Promise.all(attempts)) outcomes[each ? 'derived' : 'refused'] += 1;
      for (const each of [authorization, child, grandchild, more]) expect(await lives(each)).toBe(false);
    }
    // Otherwise nothing raced, and the test has shown nothing.
    expect(outcomes.derived).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  }, 120_000);

  it('lets no two of revocations and exchanges over three generations wait for each other in a circle', async () => {
    const { authorization, gateway, child, grandchild } = await line();
    await derive(child);
    await derive(grandchild);
    await Promise.all([
      ...Array.from({ length: 10 }, () => derive(aDerivation(authorization, gateway))),
      ...Array.from({ length: 10 }, () => derive(aDerivation(child, gateway))),
      revoke(child),
      ...Array.from({ length: 10 }, () => derive(aDerivation(grandchild, gateway))),
      revoke(authorization),
      revoke(grandchild),
    ]);
    const [left] = await fixture.database.query<{ readonly deadlocks: number }>(
      `SELECT deadlocks::integer FROM pg_stat_database WHERE datname = current_database()`,
    );
    expect(left?.deadlocks).toBe(0);
  });

  it('does not hurt the client whose token is exchanged: a refresh at that moment waits and goes through', async () => {
    const { authorization, refresh, child } = await line();
    const held = 'SELECT FROM authorizations WHERE id = $1 FOR NO KEY UPDATE';
    const exchange = await holdTransaction(fixture.url, held, [authorization.id]);
    const audit = event('refresh.rotated', authorization);
    const { currentHash } = refresh;
    const rotation = fixture.authorizations.rotate(
      authorization.id,
      currentHash,
      rotated(refresh),
      audit,
      CONTRACT_NOW,
    );
    await untilBlocked(fixture.database, 1);
    await exchange.commit();
    expect(await rotation).toBe(true);
    expect(await derive(child)).toBe(true);
  });

  it('lets nothing live whose parent was deleted', async () => {
    const { authorization, child, grandchild } = await line();
    await derive(child);
    await derive(grandchild);
    await fixture.database.query(`WITH gone AS (DELETE FROM authorizations WHERE id = $1) SELECT 1`, [
      authorization.id,
    ]);
    expect([await lives(child), await lives(grandchild)]).toEqual([false, false]);
  });

  it('costs one statement a verb', async () => {
    const { authorization, child, gateway } = await line();
    const statements = await statementsOf(fixture.database, async () => {
      await fixture.exchanges.subject(authorization.id, {
        client: gateway.client.id,
        resource: gateway.resource.identifier,
      });
      await derive(child);
    });
    expect(statements).toHaveLength(2);
    expect(await statementsOf(fixture.database, () => revoke(authorization))).toHaveLength(1);
  });
});
