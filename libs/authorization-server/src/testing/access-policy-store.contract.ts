import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AccessRule } from '../access/access-rule.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aClient,
  aCode,
  aDevice,
  CONTRACT_NOW,
  givenCode,
  givenAuthorization,
  givenParties,
  type Parties,
} from './store-seeds.js';

const event = (type: AuditEvent['type'], detail: Record<string, string> = {}): AuditEvent => ({
  type,
  at: CONTRACT_NOW,
  detail,
});

export function accessPolicyStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as AccessPolicyStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const set = (rules: readonly AccessRule[]) =>
      fixture.access.replace(() => ({ rules, audit: [event('policy.changed')] }));
    beforeEach(() => set([]));

    /** Gives the refund at the resource of these parties, for which nobody has an entitlement. */
    const aRule = ({ resource }: Pick<Parties, 'resource'>, more: Partial<AccessRule> = {}): AccessRule => ({
      id: `r-${randomUUID()}`,
      resource: resource.identifier,
      scopes: ['invoices:refund'],
      clientTrust: 'any',
      ...more,
    });
    const OWN = ['invoices:read', 'invoices:write'];
    const AND_REFUND = [...OWN, 'invoices:refund'];
    const scopesOf = async ({ accountId, client, resource }: Parties, verified = false) =>
      [...(await fixture.entitlements.scopesOf(accountId, { id: client.id, verified }, resource.identifier))].sort();
    const sorted = (scopes: readonly string[]) => [...scopes].sort();

    it('keeps every member of a rule, and replaces all of them at once', async () => {
      const parties = await givenParties(fixture);
      const full = aRule(parties, {
        id: 'a',
        groups: ['okta/Fi nance/"x"', 'local/finance'],
        accounts: [parties.accountId],
        clients: [parties.client.id],
        clientTrust: 'verified',
      });
      const bare = aRule(parties, { id: 'b' });
      await set([full, bare]);
      expect(await fixture.access.list()).toEqual([full, bare]);
      await set([{ ...bare, scopes: ['invoices:read'] }]);
      expect(await fixture.access.list()).toEqual([{ ...bare, scopes: ['invoices:read'] }]);
    });

    it('writes nothing where nothing is said to change', async () => {
      const rule = aRule(await givenParties(fixture));
      await set([rule]);
      await fixture.access.replace((current) => {
        expect(current).toEqual([rule]);
        return { rules: [], audit: [] };
      });
      expect(await fixture.access.list()).toEqual([rule]);
    });

    it('shows each of several changes at once what the one before has left', async () => {
      const parties = await givenParties(fixture);
      const rules = Array.from({ length: 10 }, (_, index) => aRule(parties, { id: `at-once-${String(index)}` }));
      const before = (await fixture.auditTrail()).length;
      await Promise.all(
        rules.map((rule) =>
          fixture.access.replace((current) => ({ rules: [...current, rule], audit: [event('policy.changed')] })),
        ),
      );
      expect(await fixture.access.list()).toEqual(rules);
      expect((await fixture.auditTrail()).length - before).toBe(10);
    });

    it('gives nothing without a rule, and adds what a rule gives to what was granted', async () => {
      const parties = await givenParties(fixture);
      expect(await scopesOf(parties)).toEqual(OWN);
      await set([aRule(parties)]);
      expect(await scopesOf(parties)).toEqual(sorted(AND_REFUND));
      expect(await scopesOf(await givenParties(fixture))).toEqual(OWN);
    });

    it('asks for every restriction of a rule', async () => {
      const parties = await givenParties(fixture);
      const { accountId, client } = parties;
      await fixture.addGroup(accountId, 'okta/finance');
      const met = { accounts: [accountId], groups: ['okta/finance'], clients: [client.id] };
      await set([aRule(parties, met)]);
      expect(await scopesOf(parties)).toContain('invoices:refund');
      const unmet: readonly Partial<AccessRule>[] = [
        { accounts: [randomUUID() as AccountId] },
        { groups: ['okta/sales'] },
        { clients: ['other' as ClientId] },
        { clientTrust: 'verified' },
        { clientTrust: 'pre-registered' },
        { accounts: [] },
        { groups: [] },
        { clients: [] },
      ];
      for (const one of unmet) {
        await set([aRule(parties, { ...met, ...one })]);
        expect(await scopesOf(parties)).toEqual(OWN);
      }
    });

    it.each([
      'entra/finance',
      'okta/Finance',
      'okta/finance ',
      'okta/ﬁnance',
      'okta/finanсe',
      'okta/financ%',
      'okta/*',
      'okta/',
      '*',
      '%',
      'finance',
      'okta/local/finance',
      'okta/finance\u200B',
    ])('takes a person of the group %j for no member of okta/finance, nor the other way round', async (group) => {
      const parties = await givenParties(fixture);
      await fixture.addGroup(parties.accountId, group);
      await set([aRule(parties, { groups: ['okta/finance'] })]);
      expect(await scopesOf(parties)).toEqual(OWN);
      const member = await givenParties(fixture);
      await fixture.addGroup(member.accountId, 'okta/finance');
      await set([aRule(member, { groups: [group] })]);
      expect(await scopesOf(member)).toEqual(OWN);
    });

    it('tells letters that only look composed alike apart', async () => {
      const parties = await givenParties(fixture);
      await fixture.addGroup(parties.accountId, 'okta/caf\u00e9');
      await set([aRule(parties, { groups: ['okta/cafe\u0301'] })]);
      expect(await scopesOf(parties)).toEqual(OWN);
    });

    it.each(['*', '%', 'c_%', ''])('takes the client id %j in a rule for itself, never for a pattern', async (id) => {
      const parties = await givenParties(fixture);
      await set([aRule(parties, { clients: [id as ClientId] })]);
      expect(await scopesOf(parties)).toEqual(OWN);
    });

    it('gives through verified clients only what the caller knows to be one, and through those that were declared', async () => {
      const parties = await givenParties(fixture);
      await set([aRule(parties, { clientTrust: 'verified' })]);
      expect(await scopesOf(parties, false)).toEqual(OWN);
      expect(await scopesOf(parties, true)).toEqual(sorted(AND_REFUND));
      const declared = aClient({ origin: 'pre-registered' });
      await fixture.clients.register(declared, event('client.registered'));
      await set([aRule(parties, { clientTrust: 'pre-registered' })]);
      expect(await scopesOf(parties, true)).toEqual(OWN);
      expect(await scopesOf({ ...parties, client: declared })).toEqual(sorted(AND_REFUND));
    });

    it('holds for a code that was given before it changed', async () => {
      const parties = await givenParties(fixture);
      const rule = aRule(parties);
      await set([rule]);
      const code = await givenCode(fixture, parties);
      const standing = async () => (await fixture.codes.find(code.hash))?.standing;
      expect((await standing())?.entitledScopes).toEqual(AND_REFUND);
      await set([{ ...rule, clientTrust: 'verified' }]);
      expect(await standing()).toMatchObject({ entitledScopes: OWN, entitledIfVerified: ['invoices:refund'] });
      await set([]);
      expect((await standing())?.entitledScopes).toEqual(OWN);
      expect(await standing()).not.toHaveProperty('entitledIfVerified');
      expect(aCode(parties).scopes).toEqual(['invoices:read']);
    });

    it('holds for what lives, by the client that holds it and no other', async () => {
      const { authorization, ...parties } = await givenAuthorization(fixture);
      const found = async () => (await fixture.authorizations.find(authorization.id))?.standing.entitledScopes;
      await set([aRule(parties, { clients: [parties.client.id] })]);
      expect(await found()).toEqual(AND_REFUND);
      await set([aRule(parties, { clients: [aClient().id] })]);
      expect(await found()).toEqual(OWN);
    });

    it('holds for a device that asks, and for what is exchanged by the client that exchanges', async () => {
      const { authorization, ...parties } = await givenAuthorization(fixture);
      const gateway = aClient({ origin: 'pre-registered' });
      await fixture.clients.register(gateway, event('client.registered'));
      const target = (client: ClientId) =>
        fixture.exchanges.subject(authorization.id, { client, resource: parties.resource.identifier });
      await set([aRule(parties, { clients: [gateway.id], clientTrust: 'verified' })]);
      expect((await target(gateway.id))?.target.entitledScopes).toEqual(AND_REFUND);
      expect((await target(parties.client.id))?.target.entitledScopes).toEqual(OWN);
      expect((await target(gateway.id))?.standing.entitledScopes).toEqual(OWN);

      const device = aDevice(parties);
      await fixture.devices.begin(device, event('device.started'));
      await set([aRule(parties)]);
      const polled = await fixture.devices.poll(device.code, parties.client.id, CONTRACT_NOW);
      // Nobody has approved it: there is no account, and so no rule.
      expect(polled?.standing.entitledScopes).not.toContain('invoices:refund');
    });

    it('gives a client that acts for itself nothing', async () => {
      const parties = await givenParties(fixture);
      const itself = aClient({ origin: 'pre-registered', scopes: ['invoices:read'] });
      await fixture.clients.register(itself, event('client.registered'));
      const { authorization } = await givenAuthorization(fixture);
      const { accountId: _, authenticatedAt: __, session: ___, refresh: ____, ...own } = authorization;
      const begun = {
        ...own,
        id: randomUUID() as typeof own.id,
        clientId: itself.id,
        resource: parties.resource.identifier,
      };
      expect(await fixture.authorizations.begin(begun, event('client.authorized'))).toBe(true);
      await set([aRule(parties)]);
      expect((await fixture.authorizations.find(begun.id))?.standing.entitledScopes).toEqual(['invoices:read']);
    });

    it('finds the people whom rules are about, with what they have', async () => {
      const [one, two, three] = [await givenParties(fixture), await givenParties(fixture), await givenParties(fixture)];
      await fixture.addGroup(one.accountId, 'okta/people');
      await fixture.addGroup(one.accountId, 'okta/others');
      await fixture.addGroup(two.accountId, 'okta/people');
      await fixture.disableAccount(two.accountId);
      const about = async (people: Parameters<StoreFixture['access']['people']>[0]) =>
        (await fixture.access.people(people)).map(({ id }) => id);
      expect(sorted(await about([{ groups: ['okta/people'] }]))).toEqual(sorted([one.accountId, two.accountId]));
      expect(await about([{ groups: ['okta/people'], accounts: [one.accountId] }])).toEqual([one.accountId]);
      expect(await about([{ accounts: [three.accountId] }, { groups: ['okta/others'] }])).toHaveLength(2);
      expect(await about([{ groups: ['okta/nobody'] }])).toEqual([]);
      expect(await about([{}])).toEqual(expect.arrayContaining([one, two, three].map(({ accountId }) => accountId)));
      expect(await fixture.access.people([{ accounts: [one.accountId] }])).toEqual([
        {
          id: one.accountId,
          username: `anna-${one.accountId}`,
          disabled: false,
          groups: ['okta/others', 'okta/people'],
          entitlements: [{ resource: one.resource.identifier, scopes: OWN }],
        },
      ]);
      expect(await fixture.access.named([`anna-${two.accountId}`, 'nobody'])).toMatchObject([{ disabled: true }]);
    });

    it('puts people into local groups and takes them out, each with its event, once', async () => {
      const { accountId, ...parties } = await givenParties(fixture);
      const group = `local/${randomUUID()}`;
      const [joined, left] = [event('account.group_joined', { group }), event('account.group_left', { group })];
      await set([aRule(parties, { groups: [group] })]);
      expect(await fixture.access.join(accountId, group, joined)).toBe(true);
      expect(await fixture.access.join(accountId, group, joined)).toBe(false);
      expect(await fixture.access.groups()).toContain(group);
      expect(await scopesOf({ accountId, ...parties })).toContain('invoices:refund');
      expect(await fixture.access.leave(accountId, group, left)).toBe(true);
      expect(await fixture.access.leave(accountId, group, left)).toBe(false);
      expect(await scopesOf({ accountId, ...parties })).toEqual(OWN);
      const told = (await fixture.auditTrail()).filter(({ detail }) => detail?.['group'] === group);
      expect(told.map(({ type }) => type)).toEqual(['account.group_joined', 'account.group_left']);
    });

    it('gives nothing that outlives its resource: the grant does not stand', async () => {
      const { authorization, ...parties } = await givenAuthorization(fixture);
      await set([aRule(parties)]);
      await fixture.disableResource(parties.resource.identifier);
      expect((await fixture.authorizations.find(authorization.id))?.standing.resource).toBe('disabled');
    });
  });
}
