import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientSelection } from '../administration/client-administration.store.js';
import type { Client } from '../clients/client.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aBirth,
  aClient,
  anyHash,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenDevice,
  givenInteraction,
  givenParties,
} from './store-seeds.js';

export function clientAdministrationStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ClientAdministrationStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const audit = (id: ClientId, type: 'client.disabled' | 'client.enabled' | 'client.revoked' | 'client.removed') =>
      ({ type, at: CONTRACT_NOW, clientId: id, actorId: 'robot' as ClientId }) as const;
    const eventsOf = async (id: ClientId) =>
      (await fixture.auditTrail())
        .filter(({ clientId, actorId }) => clientId === id && actorId === 'robot')
        .map(({ type }) => type);
    async function given(overrides: Partial<Client> = {}): Promise<Client> {
      const client = aClient(overrides);
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      return client;
    }

    describe('for pages', () => {
      const ids = async (selection: Partial<ClientSelection>) =>
        (await fixture.administration.page({ limit: 100, ...selection })).map(({ id }) => id);

      it('goes through all clients in one order, each once, although some come and go meanwhile', async () => {
        // Bytes, not the order of some language: capitals first, digits before letters.
        const all = ['p-B', 'p-a', 'p-1', 'p-ä', 'p-Z'].map((id) => id.replace('ä', '~') as ClientId).sort();
        for (const id of all) await given({ id });
        const first = await ids({ after: 'p' as ClientId, limit: 2 });
        expect(first).toEqual(all.slice(0, 2));
        await given({ id: 'p-0' as ClientId });
        await fixture.administration.remove(first[0]!, audit(first[0]!, 'client.removed'));
        const rest = await ids({ after: first[1]!, limit: 100 });
        expect(rest.filter((id) => id.startsWith('p-'))).toEqual(all.slice(2));
      });

      it('narrows by origin, by standing, and by how a name begins in whatever case', async () => {
        const mark = anyHash();
        const operator = await given({ id: `app-${mark}` as ClientId, origin: 'pre-registered', name: `Über ${mark}` });
        const dynamic = await given({ name: `über ${mark} 100%_` });
        const other = await given({ name: `x über ${mark}` });
        await fixture.disableClient(dynamic.id);
        const named = { namePrefix: `ÜBER ${mark}` };
        expect(await ids(named)).toEqual([operator.id, dynamic.id].sort());
        expect(await ids({ ...named, origin: 'dynamic' })).toEqual([dynamic.id]);
        expect(await ids({ ...named, disabled: false })).toEqual([operator.id]);
        expect(await ids({ ...named, disabled: true })).toEqual([dynamic.id]);
        // Nothing in it is a pattern.
        expect(await ids({ namePrefix: '%' })).toEqual([]);
        expect(await ids({ namePrefix: `x über ${mark}` })).toEqual([other.id]);
      });
    });

    it('disables and enables a client that no operator registered, once, with an event each', async () => {
      const client = await given();
      const disable = () =>
        fixture.administration.setDisabled(client.id, CONTRACT_NOW, audit(client.id, 'client.disabled'));
      const outcomes = await Promise.all([disable(), disable(), disable()]);
      expect(outcomes.sort()).toEqual(['changed', 'unchanged', 'unchanged']);
      expect((await fixture.clients.find(client.id))?.disabledAt).toEqual(CONTRACT_NOW);
      const enable = () => fixture.administration.setDisabled(client.id, undefined, audit(client.id, 'client.enabled'));
      expect([await enable(), await enable()]).toEqual(['changed', 'unchanged']);
      expect(await fixture.clients.find(client.id)).toEqual(client);
      expect(await eventsOf(client.id)).toEqual(['client.disabled', 'client.enabled']);
    });

    it('leaves clients of operators to pre-registration, and says so of those that are not there', async () => {
      const client = await given({ id: `app-${anyHash()}` as ClientId, origin: 'pre-registered' });
      for (const id of [client.id, aClient().id])
        expect(await fixture.administration.setDisabled(id, CONTRACT_NOW, audit(id, 'client.disabled'))).toBe(
          'unknown',
        );
      expect(await fixture.clients.find(client.id)).toEqual(client);
      expect(await eventsOf(client.id)).toEqual([]);
    });

    it('ends everything that was allowed to a client, and nothing of another', async () => {
      const mine = await givenAuthorization(fixture);
      const other = await givenAuthorization(fixture);
      const code = await givenCode(fixture, mine);
      const { device } = await givenDevice(fixture, mine);
      const { id } = mine.client;
      const { accountId, resource } = mine;
      const consent = { accountId, clientId: id, resource: resource.identifier };
      expect(await fixture.consents.find(accountId, id, consent.resource)).toBeDefined();

      expect(await fixture.administration.revokeAll(id, audit(id, 'client.revoked'))).toBe(1);
      const found = await fixture.authorizations.find(mine.authorization.id);
      expect(found?.authorization.revoked).toEqual({ at: CONTRACT_NOW, reason: 'revoked_by_operator' });
      expect(await fixture.codes.find(code.hash)).toBeUndefined();
      expect(await fixture.devices.poll(device.code, id, CONTRACT_NOW)).toBeUndefined();
      expect(await fixture.consents.find(accountId, id, consent.resource)).toBeUndefined();
      expect(await fixture.clients.find(id)).toEqual(mine.client);
      expect((await fixture.authorizations.find(other.authorization.id))?.authorization.revoked).toBeUndefined();

      expect(await fixture.administration.revokeAll(id, audit(id, 'client.revoked'))).toBe(0);
      const unknown = aClient().id;
      expect(await fixture.administration.revokeAll(unknown, audit(unknown, 'client.revoked'))).toBeUndefined();
      expect(await eventsOf(id)).toEqual(['client.revoked', 'client.revoked']);
      expect(await eventsOf(unknown)).toEqual([]);
    });

    it('lets nothing slip through that is born at the same time', async () => {
      const parties = await givenParties(fixture);
      const { id } = parties.client;
      const codes = await Promise.all(Array.from({ length: 10 }, () => givenCode(fixture, parties)));
      const births = codes.map((code) => ({ code, birth: aBirth(code) }));
      await Promise.all([
        ...births.map(({ code, birth }) =>
          fixture.codes.redeem(
            code,
            birth,
            { type: 'code.redeemed', at: CONTRACT_NOW, clientId: id },
            after(CONTRACT_NOW, 1),
          ),
        ),
        fixture.administration.revokeAll(id, audit(id, 'client.revoked')),
      ]);
      for (const { birth } of births) {
        const found = await fixture.authorizations.find(birth.id);
        expect(found === undefined || found.authorization.revoked !== undefined).toBe(true);
      }
    });

    it('deletes a client so that one with its id later inherits nothing', async () => {
      const parties = await givenAuthorization(fixture);
      const { authorization, client } = parties;
      const { id, browser } = await givenInteraction(fixture, parties);
      await fixture.usage.used(client.id, CONTRACT_NOW);
      expect(await fixture.administration.remove(client.id, audit(client.id, 'client.removed'))).toBe(true);
      expect(await fixture.clients.find(client.id)).toBeUndefined();
      expect(await fixture.usage.find(client.id)).toBeUndefined();
      await given({ id: client.id });
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toBeUndefined();
      expect((await fixture.authorizations.find(authorization.id))?.authorization.revoked).toBeDefined();
      await fixture.administration.remove(client.id, audit(client.id, 'client.removed'));
      expect(await fixture.administration.remove(client.id, audit(client.id, 'client.removed'))).toBe(false);
      expect(await eventsOf(client.id)).toEqual(['client.removed', 'client.removed']);
    });
  });
}
