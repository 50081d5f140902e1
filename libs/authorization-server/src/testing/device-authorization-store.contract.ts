import type { AuditEvent } from '@gatehouse/audit';
import { after, type SecretHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Approval } from '../authorize/interaction.store.js';
import type { DeviceAuthorization } from '../device/device-authorization.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aBirth,
  aCode,
  aDevice,
  anyHash,
  aPerson,
  CONTRACT_NOW,
  givenDevice,
  givenInteraction,
  givenParties,
  type Parties,
} from './store-seeds.js';

const AT_ONCE = 50;
const SESSION = { sid: '0190a0a0-0000-4000-8000-000000000004', acr: 'urn:gatehouse:acr:1fa', amr: ['pwd'] };

/** Devices that wait, the journeys that decide about them, and the one redemption at the end. */
export function deviceAuthorizationStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as DeviceAuthorizationStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const started = ({ clientId }: DeviceAuthorization) =>
      ({ type: 'device.started', at: CONTRACT_NOW, clientId }) as const;
    const undecided = ({ userCode }: DeviceAuthorization, now = CONTRACT_NOW) =>
      fixture.devices.findUndecided([anyHash() as string as SecretHash, userCode], now);
    const poll = ({ code, clientId }: DeviceAuthorization, now = CONTRACT_NOW) =>
      fixture.devices.poll(code, clientId, now);
    const eventsOf = async ({ clientId }: DeviceAuthorization) =>
      (await fixture.auditTrail()).filter((event) => event.clientId === clientId).map(({ type }) => type);

    function approval({ accountId, client, resource }: Parties, { code }: DeviceAuthorization): Approval {
      const scopes = ['invoices:read'];
      const ids = { accountId, clientId: client.id, resource: resource.identifier, scopes };
      const authenticatedAt = after(CONTRACT_NOW, -9);
      return {
        consent: { ...ids, grantedAt: CONTRACT_NOW },
        audit: { ...ids, type: 'consent.granted', at: CONTRACT_NOW },
        device: { code, clientId: client.id, accountId, authenticatedAt, session: SESSION, scopes },
      };
    }
    const denial = ({ accountId, client }: Parties): AuditEvent => ({
      type: 'consent.denied',
      reason: 'consent_denied',
      at: CONTRACT_NOW,
      accountId,
      clientId: client.id,
    });
    const birthFor = (parties: Parties) => aBirth(aCode(parties));
    const redeem = (device: DeviceAuthorization, parties: Parties, now = CONTRACT_NOW, birth = birthFor(parties)) =>
      fixture.devices.redeem(
        device.code,
        birth,
        { type: 'device.redeemed', at: CONTRACT_NOW, clientId: device.clientId, authorizationId: birth.id },
        now,
      );
    async function givenApproved() {
      const parties = await givenParties(fixture);
      const given = await givenDevice(fixture, parties);
      await fixture.interactions.approve(given.interaction.id, approval(parties, given.device), CONTRACT_NOW);
      return { parties, ...given };
    }

    it('gives a device back as it was, by its user code and by a poll of its client', async () => {
      const { device } = await givenDevice(fixture, await givenParties(fixture));
      expect(await undecided(device)).toEqual(device);
      const polled = await poll(device);
      expect(polled).toMatchObject({ device, tooSoon: false, standing: { client: 'active', resource: 'active' } });
      expect(await eventsOf(device)).toContain('device.started');
    });

    it('knows no user code twice', async () => {
      const parties = await givenParties(fixture);
      const device = aDevice(parties);
      const others = Array.from({ length: 20 }, () => ({ ...device, code: anyHash() }));
      const results = await Promise.all(others.map((each) => fixture.devices.begin(each, started(each))));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await eventsOf(device)).filter((type) => type === 'device.started')).toHaveLength(1);
    });

    it('finds no device by its user code once it has expired, and none that is unknown', async () => {
      const { device } = await givenDevice(fixture, await givenParties(fixture));
      expect(await undecided(device, after(device.expiresAt, -1))).toBeDefined();
      expect(await undecided(device, device.expiresAt)).toBeUndefined();
      expect(await fixture.devices.findUndecided([], CONTRACT_NOW)).toBeUndefined();
    });

    it('lets no other client poll, and such a poll makes the device wait no longer', async () => {
      const { device } = await givenDevice(fixture, await givenParties(fixture));
      const stranger = (await givenParties(fixture)).client.id;
      for (let turn = 0; turn < 3; turn += 1)
        expect(await fixture.devices.poll(device.code, stranger, CONTRACT_NOW)).toBeUndefined();
      expect(await fixture.devices.poll(anyHash(), device.clientId, CONTRACT_NOW)).toBeUndefined();
      expect(await poll(device)).toMatchObject({ tooSoon: false, device: { interval: 5 } });
    });

    it('takes polls at the interval, and makes it five seconds longer for each that comes sooner', async () => {
      const { device } = await givenDevice(fixture, await givenParties(fixture));
      const at = async (seconds: number) => {
        const polled = await poll(device, after(CONTRACT_NOW, seconds));
        return [polled?.tooSoon, polled?.device.interval];
      };
      expect(await at(0)).toEqual([false, 5]);
      expect(await at(5)).toEqual([false, 5]);
      expect(await at(9)).toEqual([true, 10]);
      expect(await at(18)).toEqual([true, 15]);
      expect(await at(33)).toEqual([false, 15]);
    });

    it(`takes one of ${AT_ONCE} parallel polls as in time`, async () => {
      const { device } = await givenDevice(fixture, await givenParties(fixture));
      const polls = await Promise.all(Array.from({ length: AT_ONCE }, () => poll(device)));
      expect(polls.filter((polled) => polled?.tooSoon === false)).toHaveLength(1);
      expect((await poll(device, after(CONTRACT_NOW, 599)))?.device.interval).toBe(5 + 5 * (AT_ONCE - 1));
    });

    it('gives an interaction the device that the person named, once', async () => {
      const parties = await givenParties(fixture);
      const { interaction: named } = await givenDevice(fixture, parties);
      if (!('device' in named.request)) throw new Error('not about a device');
      const { request } = named;
      const person = aPerson(parties.accountId);
      const { id, browser, ...rest } = await givenInteraction(fixture, parties, {
        request: { userCode: { offered: 'sealed' } },
        person,
      });
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toEqual({ id, browser, ...rest });
      expect(await fixture.interactions.ask(id, anyHash(), request, CONTRACT_NOW)).toBe(false);
      expect(await fixture.interactions.ask(id, browser, request, rest.expiresAt)).toBe(false);
      const results = await Promise.all(
        Array.from({ length: 20 }, () => fixture.interactions.ask(id, browser, request, CONTRACT_NOW)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toEqual({ id, browser, ...rest, request });
    });

    it('makes no other interaction one about a device', async () => {
      const parties = await givenParties(fixture);
      const { interaction } = await givenDevice(fixture, parties);
      if (!('device' in interaction.request)) throw new Error('not about a device');
      const { id, browser, request } = await givenInteraction(fixture, parties);
      expect(await fixture.interactions.ask(id, browser, interaction.request, CONTRACT_NOW)).toBe(false);
      expect((await fixture.interactions.find(id, browser, CONTRACT_NOW))?.request).toEqual(request);
    });

    it('decides once of parallel approvals and denials in one journey, and the device hears that', async () => {
      const parties = await givenParties(fixture);
      const { device, interaction } = await givenDevice(fixture, parties);
      const results = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, index) =>
          index % 2 === 0
            ? fixture.interactions.approve(interaction.id, approval(parties, device), CONTRACT_NOW)
            : fixture.interactions.refuse(interaction.id, denial(parties), CONTRACT_NOW, device.code),
        ),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await eventsOf(device)).filter((type) => type.startsWith('consent'))).toHaveLength(1);
      expect((await poll(device))?.device.decision).toMatchObject({ approved: results.indexOf(true) % 2 === 0 });
      expect(await undecided(device)).toBeUndefined();
      expect(await fixture.interactions.find(interaction.id, interaction.browser, CONTRACT_NOW)).toBeUndefined();
    });

    it('decides once when several persons have typed the same code', async () => {
      const parties = await givenParties(fixture);
      const { device, interaction } = await givenDevice(fixture, parties);
      const journeys = await Promise.all(
        Array.from({ length: 10 }, () => givenInteraction(fixture, parties, { request: interaction.request })),
      );
      const results = await Promise.all(
        journeys.map(({ id }) => fixture.interactions.approve(id, approval(parties, device), CONTRACT_NOW)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('writes down who approved what, and since when that person was signed in', async () => {
      const { parties, device } = await givenApproved();
      const polled = await poll(device);
      expect(polled?.device.decision).toEqual({
        approved: true,
        accountId: parties.accountId,
        authenticatedAt: after(CONTRACT_NOW, -9),
        session: SESSION,
        scopes: ['invoices:read'],
      });
      expect(polled?.standing).toMatchObject({ client: 'active', account: 'active', resource: 'active' });
      expect([...(polled?.standing.entitledScopes ?? [])].sort()).toEqual(['invoices:read', 'invoices:write']);
      const { accountId, client, resource } = parties;
      expect(await fixture.consents.find(accountId, client.id, resource.identifier)).toMatchObject({
        scopes: ['invoices:read'],
      });
    });

    it('writes down a denial with its reason, and redeems nothing then', async () => {
      const parties = await givenParties(fixture);
      const { device, interaction } = await givenDevice(fixture, parties);
      expect(await fixture.interactions.refuse(interaction.id, denial(parties), CONTRACT_NOW, device.code)).toBe(true);
      expect((await poll(device))?.device.decision).toEqual({ approved: false, reason: 'consent_denied' });
      expect(await redeem(device, parties)).toBe(false);
    });

    it('decides nothing once the device code has expired, though the journey is still open', async () => {
      const parties = await givenParties(fixture);
      const { device, interaction } = await givenDevice(fixture, parties);
      const late = device.expiresAt;
      expect(await fixture.interactions.approve(interaction.id, approval(parties, device), late)).toBe(false);
      expect(await fixture.interactions.refuse(interaction.id, denial(parties), late, device.code)).toBe(false);
      expect((await poll(device, late))?.device.decision).toBeUndefined();
      expect((await eventsOf(device)).filter((type) => type.startsWith('consent'))).toEqual([]);
    });

    it.each(['client', 'account'] as const)('approves nothing when the %s was disabled meanwhile', async (party) => {
      const parties = await givenParties(fixture);
      const { device, interaction } = await givenDevice(fixture, parties);
      if (party === 'client') await fixture.disableClient(parties.client.id);
      else await fixture.disableAccount(parties.accountId);
      expect(await fixture.interactions.approve(interaction.id, approval(parties, device), CONTRACT_NOW)).toBe(false);
      expect((await poll(device))?.device.decision).toBeUndefined();
    });

    it(`has one winner of ${AT_ONCE} parallel redemptions, and only the winner gives birth`, async () => {
      const { parties, device } = await givenApproved();
      const births = Array.from({ length: AT_ONCE }, () => birthFor(parties));
      const results = await Promise.all(births.map((birth) => redeem(device, parties, CONTRACT_NOW, birth)));
      expect(results.filter(Boolean)).toHaveLength(1);
      const born = await Promise.all(births.map(({ id }) => fixture.authorizations.find(id)));
      expect(born.map((found) => found !== undefined)).toEqual(results);
      const winner = births[results.indexOf(true)];
      expect(born.find((found) => found !== undefined)?.authorization).toEqual(winner);
      expect((await poll(device))?.device.redeemed).toEqual({ at: CONTRACT_NOW, authorizationId: winner?.id });
      expect((await eventsOf(device)).filter((type) => type === 'device.redeemed')).toHaveLength(1);
    });

    it('redeems nothing that nobody approved, and nothing after its end', async () => {
      const parties = await givenParties(fixture);
      const { device } = await givenDevice(fixture, parties);
      expect(await redeem(device, parties)).toBe(false);
      const approved = await givenApproved();
      expect(await redeem(approved.device, approved.parties, approved.device.expiresAt)).toBe(false);
      expect(await redeem(approved.device, approved.parties, after(approved.device.expiresAt, -1))).toBe(true);
    });

    it.each(['client', 'account', 'resource'] as const)(
      'redeems nothing when the %s was disabled meanwhile',
      async (party) => {
        const { parties, device } = await givenApproved();
        if (party === 'client') await fixture.disableClient(parties.client.id);
        if (party === 'account') await fixture.disableAccount(parties.accountId);
        if (party === 'resource') await fixture.disableResource(parties.resource.identifier);
        expect((await poll(device))?.standing[party]).toBe('disabled');
        expect(await redeem(device, parties)).toBe(false);
        expect((await eventsOf(device)).filter((type) => type === 'device.redeemed')).toEqual([]);
      },
    );
  });
}
