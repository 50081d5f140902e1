import { type AccessRule, decideAccess, type QuestionedClient, type RuleTrust } from '@gatehouse/authorization-server';
import {
  accessPolicyStoreContract,
  aClient,
  aResource,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenParties,
} from '@gatehouse/authorization-server/testing';
import { type AccountId, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pgStoreFixture, type PgStoreFixture, statementsOf } from '../testing/index.js';

accessPolicyStoreContract('PgAccessPolicyStore', () => pgStoreFixture());

/** Numbers that look like chance and are the same each time (mulberry32). */
function chance(seed: number): <T>(from: readonly T[]) => T {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return (from) => from[Math.floor(next() * from.length)] as (typeof from)[number];
}

const ROUNDS = 40;
const GROUPS = ['okta/a', 'okta/A', 'entra/a', 'okta/ä', 'okta/a\u0308', 'local/a', 'okta/%', 'okta/b'];
const SCOPES = ['invoices:read', 'invoices:write', 'invoices:refund'];
const TRUSTS: readonly RuleTrust[] = ['any', 'verified', 'pre-registered'];

describe('the policy in SQL', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());
  const set = (rules: readonly AccessRule[]) =>
    fixture.access.replace(() => ({ rules, audit: [{ type: 'policy.changed', at: CONTRACT_NOW }] }));

  it('says what the policy in words says, whatever the rules, the groups and the clients', async () => {
    const pick = chance(20261123);
    const many = <T>(from: readonly T[]): T[] => from.filter(() => pick([true, false, false]));
    const maybe = <T>(from: readonly T[]): T[] | undefined => (pick([true, false]) ? many(from) : undefined);
    const event = { type: 'client.registered', at: CONTRACT_NOW } as const;
    const clients = [
      aClient(),
      aClient(),
      aClient({ origin: 'metadata-document' }),
      aClient({ origin: 'pre-registered' }),
    ];
    for (const client of clients) await fixture.clients.register(client, event);
    const ids = [...clients.map(({ id }) => id), '*' as ClientId, '%' as ClientId];
    const resources = [aResource(), aResource()];
    const people: { id: AccountId; groups: string[]; entitled: Map<string, string[]> }[] = [];
    for (let index = 0; index < 6; index += 1) {
      const person = { id: await fixture.addAccount(), groups: many(GROUPS), entitled: new Map<string, string[]>() };
      for (const group of person.groups) await fixture.addGroup(person.id, group);
      for (const { identifier } of resources.filter(() => pick([true, false]))) {
        person.entitled.set(identifier, many(SCOPES));
        await fixture.entitlements.grant(person.id, identifier, person.entitled.get(identifier)!);
      }
      people.push(person);
    }

    let given = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const rules = Array.from({ length: pick([0, 1, 2, 5, 12]) }, (_, index): AccessRule => {
        const [groups, accounts, named] = [maybe(GROUPS), maybe(people.map(({ id }) => id)), maybe(ids)];
        return {
          id: `r${String(index)}`,
          resource: pick(resources).identifier,
          scopes: many(SCOPES),
          ...(groups ? { groups } : {}),
          ...(accounts ? { accounts } : {}),
          ...(named ? { clients: named } : {}),
          clientTrust: pick(TRUSTS),
        };
      });
      await set(rules);
      for (const { id, groups, entitled } of people)
        for (const { id: clientId, origin } of clients)
          for (const { identifier: resource } of resources) {
            const verified = origin === 'pre-registered' || pick([true, false]);
            const trust: QuestionedClient['trust'] =
              origin === 'pre-registered' ? origin : verified ? 'verified' : 'unverified';
            const question = { account: { id, groups }, client: { id: clientId, trust }, resource };
            const said = decideAccess(rules, entitled.get(resource) ?? [], question).scopes;
            const found = await fixture.entitlements.scopesOf(id, { id: clientId, verified }, resource);
            expect([...found].sort()).toEqual([...said].sort());
            given += found.length;
          }
    }
    expect(given).toBeGreaterThan(ROUNDS);
  });

  it('costs no statement: a code, an authorization, an exchange and a consent are read in one each, with and without rules', async () => {
    const { authorization, ...parties } = await givenAuthorization(fixture);
    const { accountId, client, resource } = parties;
    const code = await givenCode(fixture, parties);
    const identifier = resource.identifier;
    const groups = ['okta/a'];
    const rule = { id: 'one', resource: identifier, scopes: SCOPES, groups, clientTrust: 'verified' } as const;
    for (const rules of [[], [rule]]) {
      await set(rules);
      for (const read of [
        () => fixture.codes.find(code.hash),
        () => fixture.authorizations.find(authorization.id),
        () => fixture.exchanges.subject(authorization.id, { client: client.id, resource: identifier }),
        () => fixture.entitlements.scopesOf(accountId, { id: client.id, verified: true }, identifier),
      ])
        expect(await statementsOf(fixture.database, read)).toHaveLength(1);
    }
  });

  describe('where a group comes from', () => {
    const scopesOf = async (account: AccountId, resource: ReturnType<typeof aResource>) =>
      fixture.entitlements.scopesOf(account, { id: aClient().id, verified: true }, resource.identifier);
    const run = (text: string, values: readonly unknown[]) =>
      fixture.database.query(`WITH act AS (${text} RETURNING 1) SELECT FROM act`, values);
    async function member(group: string) {
      const { resource } = await givenParties(fixture);
      const account = await fixture.addAccount();
      await fixture.addGroup(account, group);
      const rule = { id: 'g', resource: resource.identifier, scopes: ['invoices:refund'], clientTrust: 'any' } as const;
      return { account, resource, rule };
    }

    it('believes no provider that is disabled, and believes it again when it is enabled', async () => {
      const { account, resource, rule } = await member('ping/finance');
      await set([{ ...rule, groups: ['ping/finance'] }]);
      expect(await scopesOf(account, resource)).toEqual(['invoices:refund']);
      await run(`UPDATE identity_providers SET disabled_at = now() WHERE id = $1`, ['ping']);
      expect(await scopesOf(account, resource)).toEqual([]);
      expect(await fixture.access.people([{ groups: ['ping/finance'] }])).toEqual([]);
      await run(`UPDATE identity_providers SET disabled_at = NULL WHERE id = $1`, ['ping']);
      expect(await scopesOf(account, resource)).toEqual(['invoices:refund']);
    });

    it('believes no provider that is gone, should its groups have stayed', async () => {
      const { account, resource, rule } = await member('gone/finance');
      await set([{ ...rule, groups: ['gone/finance'] }]);
      await run(`DELETE FROM identity_providers WHERE id = $1`, ['gone']);
      expect(await scopesOf(account, resource)).toEqual([]);
    });

    it.each(['okta/finance', 'local/finance'])('lets no other provider put somebody into %s', async (group) => {
      const { account, resource, rule } = await member('evil/own');
      const pose = `INSERT INTO account_groups (account_id, provider_id, name) VALUES ($1, 'evil', $2)`;
      await run(pose, [account, group]);
      await set([{ ...rule, groups: [group] }]);
      expect(await scopesOf(account, resource)).toEqual([]);
    });
  });
});
