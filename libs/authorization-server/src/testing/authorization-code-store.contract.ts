import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Authorization } from '../authorizations/authorization.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aBirth, anyHash, CONTRACT_NOW, givenCode, givenParties } from './store-seeds.js';

export function authorizationCodeStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as AuthorizationCodeStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const redeemed = (birth: Authorization) =>
      ({ type: 'code.redeemed', at: CONTRACT_NOW, clientId: birth.clientId, authorizationId: birth.id }) as const;
    const eventsOf = async ({ clientId }: Pick<Authorization, 'clientId'>) =>
      (await fixture.auditTrail()).filter((event) => event.type === 'code.redeemed' && event.clientId === clientId);

    it('gives a code back as it was, with how its parties stand', async () => {
      const parties = await givenParties(fixture);
      const code = await givenCode(fixture, parties);
      const found = await fixture.codes.find(code.hash);
      expect(found?.code).toEqual(code);
      expect(found?.standing).toMatchObject({ client: 'active', account: 'active', resource: 'active' });
      expect([...(found?.standing.entitledScopes ?? [])].sort()).toEqual(['invoices:read', 'invoices:write']);
      expect(await fixture.codes.find(anyHash())).toBeUndefined();
    });

    it('has one winner of 50 parallel redemptions, and only the winner gives birth', async () => {
      const code = await givenCode(fixture, await givenParties(fixture));
      const births = Array.from({ length: 50 }, () => aBirth(code));
      const results = await Promise.all(
        births.map((birth) => fixture.codes.redeem(code, birth, redeemed(birth), CONTRACT_NOW)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      const born = await Promise.all(births.map(({ id }) => fixture.authorizations.find(id)));
      expect(born.map((found) => found !== undefined)).toEqual(results);
      const winner = births[results.indexOf(true)];
      expect(born.find((found) => found !== undefined)?.authorization).toEqual(winner);
      expect((await fixture.codes.find(code.hash))?.code.redeemed).toEqual({
        at: CONTRACT_NOW,
        authorizationId: winner?.id,
      });
      expect((await eventsOf(code)).map(({ authorizationId }) => authorizationId)).toEqual([winner?.id]);
    });

    it('stores an authorization without refresh tokens as such', async () => {
      const code = await givenCode(fixture, await givenParties(fixture));
      const birth = aBirth(code, { refresh: undefined });
      expect(await fixture.codes.redeem(code, birth, redeemed(birth), CONTRACT_NOW)).toBe(true);
      expect((await fixture.authorizations.find(birth.id))?.authorization).toEqual(birth);
    });

    it('redeems until the last moment and not at the end', async () => {
      const parties = await givenParties(fixture);
      const late = await givenCode(fixture, parties);
      const birth = aBirth(late);
      expect(await fixture.codes.redeem(late, birth, redeemed(birth), late.expiresAt)).toBe(false);
      expect(await fixture.authorizations.find(birth.id)).toBeUndefined();
      expect((await fixture.codes.find(late.hash))?.code.redeemed).toBeUndefined();
      expect(await eventsOf(late)).toEqual([]);
      const inTime = new Date(late.expiresAt.getTime() - 1);
      expect(await fixture.codes.redeem(late, birth, redeemed(birth), inTime)).toBe(true);
    });

    it.each(['client', 'account', 'resource'] as const)(
      'redeems nothing when the %s was disabled meanwhile',
      async (party) => {
        const parties = await givenParties(fixture);
        const code = await givenCode(fixture, parties);
        if (party === 'client') await fixture.disableClient(parties.client.id);
        if (party === 'account') await fixture.disableAccount(parties.accountId);
        if (party === 'resource') await fixture.disableResource(parties.resource.identifier);
        expect((await fixture.codes.find(code.hash))?.standing[party]).toBe('disabled');
        const birth = aBirth(code);
        expect(await fixture.codes.redeem(code, birth, redeemed(birth), CONTRACT_NOW)).toBe(false);
        expect(await fixture.authorizations.find(birth.id)).toBeUndefined();
        expect((await fixture.codes.find(code.hash))?.code.redeemed).toBeUndefined();
        expect(await eventsOf(code)).toEqual([]);
      },
    );

    it('keeps a spent code readable and spends it no second time, however late', async () => {
      const code = await givenCode(fixture, await givenParties(fixture));
      const [first, second] = [aBirth(code), aBirth(code)];
      expect(await fixture.codes.redeem(code, first, redeemed(first), CONTRACT_NOW)).toBe(true);
      expect(await fixture.codes.redeem(code, second, redeemed(second), after(CONTRACT_NOW, 30))).toBe(false);
      expect((await fixture.codes.find(code.hash))?.code.redeemed?.authorizationId).toBe(first.id);
      expect(await fixture.authorizations.find(second.id)).toBeUndefined();
    });
  });
}
