import { type AuthorizationCode } from '@gatehouse/authorization-server';
import {
  aBirth,
  authorizationCodeStoreContract,
  CONTRACT_NOW,
  givenCode,
  givenParties,
  type Parties,
} from '@gatehouse/authorization-server/testing';
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

authorizationCodeStoreContract('PgAuthorizationCodeStore', () => pgStoreFixture());

describe('PgAuthorizationCodeStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  const redeem = (code: AuthorizationCode, birth = aBirth(code)) =>
    fixture.codes.redeem(
      code,
      birth,
      { type: 'code.redeemed', at: CONTRACT_NOW, authorizationId: birth.id },
      CONTRACT_NOW,
    );
  const idOf = {
    client: ({ client }: Parties) => client.id,
    account: ({ accountId }: Parties) => accountId,
    resource: ({ resource }: Parties) => resource.identifier,
  };

  it.each(['client', 'account', 'resource'] as const)(
    'gives birth to nothing when the disabling of its %s is under way and is committed',
    async (party) => {
      const parties = await givenParties(fixture);
      const code = await givenCode(fixture, parties);
      const birth = aBirth(code);
      const disabling = await holdTransaction(fixture.url, DISABLE[party], [idOf[party](parties)]);
      const redemption = redeem(code, birth);
      await untilBlocked(fixture.database, 1);
      await disabling.commit();
      expect(await redemption).toBe(false);
      expect(await fixture.authorizations.find(birth.id)).toBeUndefined();
      expect((await fixture.codes.find(code.hash))?.code.redeemed).toBeUndefined();
    },
  );

  it('gives birth when a disabling under way is taken back', async () => {
    const parties = await givenParties(fixture);
    const code = await givenCode(fixture, parties);
    const disabling = await holdTransaction(fixture.url, DISABLE.client, [parties.client.id]);
    const redemption = redeem(code);
    await untilBlocked(fixture.database, 1);
    await disabling.rollback();
    expect(await redemption).toBe(true);
  });

  it('hides no birth in flight from "disable the client, then revoke all it has"', async () => {
    const parties = await givenParties(fixture);
    const code = await givenCode(fixture, parties);
    const birth = aBirth(code);
    // Stops the redemption between its look at the client and its writing.
    const pause = await holdTransaction(fixture.url, `SELECT FROM authorization_codes WHERE hash = $1 FOR UPDATE`, [
      toBytes(code.hash),
    ]);
    const redemption = redeem(code, birth);
    await untilBlocked(fixture.database, 1);
    const offboarding = fixture.disableClient(parties.client.id).then(() =>
      fixture.database.query<{ readonly id: string }>(
        `WITH ended AS (UPDATE authorizations SET revoked_at = $2, revocation_reason = 'revoked_by_operator'
          WHERE client_id = $1 RETURNING id) SELECT id FROM ended`,
        [parties.client.id, CONTRACT_NOW],
      ),
    );
    await untilBlocked(fixture.database, 2);
    await pause.commit();
    expect(await redemption).toBe(true);
    expect(await offboarding).toEqual([{ id: birth.id }]);
  });

  it('lets a stranger to the database give birth to nothing: an unknown party closes', async () => {
    const parties = await givenParties(fixture);
    const code = await givenCode(fixture, parties);
    await fixture.database.query(`DELETE FROM clients WHERE id = $1`, [parties.client.id]);
    expect((await fixture.codes.find(code.hash))?.standing.client).toBe('unknown');
    expect(await redeem(code)).toBe(false);
  });

  it('costs one statement a verb', async () => {
    const code = await givenCode(fixture, await givenParties(fixture));
    const exchange = await statementsOf(fixture.database, async () => {
      await fixture.codes.find(code.hash);
      await redeem(code);
    });
    expect(exchange).toHaveLength(2);
  });
});
