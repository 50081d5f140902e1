import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import { OPEN_TO_ALL } from '../clients/client-trust.js';
import { ownResources } from '../resources/own-resources.js';
import { memoryStores } from '../testing/store-fixture.js';
import { aClient, aResource } from '../testing/store-seeds.js';
import { AccessPolicy, type AppliedPolicy } from './access-policy.js';
import { declaredPolicy } from './declared-rules.js';
import { explainAccess } from './explanation.js';

function house() {
  const stores = memoryStores();
  const { database } = stores;
  const resource = aResource();
  database.resources.set(resource.identifier, resource);
  const client = aClient({ id: 'portal' as ClientId, origin: 'pre-registered' });
  database.clients.set(client.id, client);
  const account = (username: string, ...groups: string[]): AccountId => {
    const id = database.addAccount({ displayName: username, username });
    database.groups.set(id, new Set(groups));
    return id;
  };
  const [anna, ben] = [account('anna', 'okta/finance'), account('ben', 'okta/finance', 'local/clerks')];
  const policy = new AccessPolicy({ ...stores, clock: new StoppedClock(), store: stores.access, operator: 'root' });
  const rule = (id: string, more: object = { everybody: true }) => ({
    id,
    resource: resource.identifier,
    scopes: ['invoices:read'],
    ...more,
  });
  const file = (rules: readonly object[]) => declaredPolicy.parse({ rules });
  const outcome = (rules: readonly object[], dryRun = false) => policy.apply(file(rules), { dryRun });
  const apply = async (rules: readonly object[], dryRun = false): Promise<AppliedPolicy> => {
    const applied = await outcome(rules, dryRun);
    if ('problems' in applied) throw new Error(applied.problems.join('\n'));
    return applied;
  };
  const problems = async (rules: readonly object[]) => {
    const applied = await outcome(rules);
    return 'problems' in applied ? applied.problems : [];
  };
  return { ...stores, resource, client, anna, ben, policy, rule, apply, problems, account };
}

describe('a declared policy', () => {
  const RULE = { id: 'a', resource: 'https://rs.example/mcp', scopes: ['a:b'], everybody: true };
  const parses = (...rules: readonly object[]) => declaredPolicy.safeParse({ rules }).success;

  it('may be for everybody, for groups, for accounts, and through some clients', () => {
    expect(parses(RULE)).toBe(true);
    const { everybody: _, ...some } = RULE;
    expect(parses({ ...some, groups: ['okta/Finance and Tax', 'local/x'], accounts: ['anna'] })).toBe(true);
    expect(parses({ ...RULE, clients: ['portal'], client_trust: 'verified' })).toBe(true);
    expect(parses()).toBe(true);
  });

  it.each([
    ['is for nobody in particular and does not say so', { everybody: undefined }],
    ['is for everybody and for some', { groups: ['okta/a'] }],
    ['restricts to no group at all', { everybody: undefined, groups: [] }],
    ['restricts to no client at all', { clients: [] }],
    ['gives no scope', { scopes: [] }],
    ['gives two scopes in one', { scopes: ['a b'] }],
    ['names a group without its provider', { everybody: undefined, groups: ['finance'] }],
    ['names a group of any provider', { everybody: undefined, groups: ['*/finance'] }],
    ['names a group with a control character', { everybody: undefined, groups: ['okta/a\u0000'] }],
    ['is not for everybody and says so', { everybody: false }],
    ['trusts nobody that is known', { client_trust: 'trusted' }],
    ['has a member nobody knows', { tools: ['x'] }],
    ['has no usable name', { id: 'A b' }],
  ])('is refused when a rule %s', (_what, change) => {
    expect(parses({ ...RULE, ...change })).toBe(false);
  });

  it('is refused when two rules have one name', () => {
    expect(parses(RULE, RULE)).toBe(false);
  });
});

describe('applying a policy', () => {
  it('stores it, tells what changed, and changes nothing the second time', async () => {
    const { access, database, apply, rule, anna } = house();
    const rules = [rule('b', { accounts: ['anna'] }), rule('a', { groups: ['okta/finance'], clients: ['portal'] })];
    expect((await apply(rules)).changes.map(({ id, kind }) => [id, kind])).toEqual([
      ['a', 'added'],
      ['b', 'added'],
    ]);
    expect((await access.list()).map(({ id, accounts }) => [id, accounts])).toEqual([
      ['a', undefined],
      ['b', [anna]],
    ]);
    const events = database.audit.filter(({ type }) => type === 'policy.changed');
    expect(events.map(({ detail }) => detail)).toEqual([
      { rule: 'a', change: 'added', operator: 'root' },
      { rule: 'b', change: 'added', operator: 'root' },
    ]);
    expect((await apply(rules)).changes).toEqual([]);
    expect(database.audit).toHaveLength(events.length);
  });

  it('removes what the file does not say, and says from whom that takes something', async () => {
    const { apply, rule, resource, database, anna } = house();
    await apply([rule('all', { groups: ['okta/finance'] }), rule('clerks', { groups: ['local/clerks'] })]);
    // Anna keeps it by name, ben by his other group.
    expect((await apply([rule('clerks', { groups: ['local/clerks'] })], true)).losses).toEqual([
      { username: 'anna', resource: resource.identifier, scopes: ['invoices:read'], through: 'any client' },
    ]);
    database.entitlements.set(`${anna} ${resource.identifier}`, ['invoices:read']);
    expect((await apply([rule('clerks', { groups: ['local/clerks'] })], true)).losses).toEqual([]);
    expect((await apply([], true)).losses.map(({ username }) => username)).toEqual(['ben']);
    expect((await apply([])).changes.map(({ kind }) => kind)).toEqual(['removed', 'removed']);
  });

  it('says so when only some clients lose it', async () => {
    const { apply, rule } = house();
    await apply([rule('all', { accounts: ['anna'] })]);
    const narrowed = await apply([rule('all', { accounts: ['anna'], client_trust: 'verified' })]);
    expect(narrowed.losses).toMatchObject([{ username: 'anna', through: 'some clients' }]);
  });

  it('counts no account that is disabled among those who lose', async () => {
    const { apply, rule, database, anna } = house();
    await apply([rule('all', { accounts: ['anna'] })]);
    database.disableAccount(anna);
    expect((await apply([])).losses).toEqual([]);
  });

  it('changes nothing on a dry run', async () => {
    const { access, database, apply, rule } = house();
    expect((await apply([rule('a')], true)).changes).toHaveLength(1);
    expect(await access.list()).toEqual([]);
    expect(database.audit).toEqual([]);
  });

  it('refuses what it does not know, all of it at once, and changes nothing', async () => {
    const { access, problems, rule } = house();
    expect(
      await problems([
        rule('good'),
        rule('a', { everybody: true, resource: 'https://other.example/mcp' }),
        rule('b', { everybody: true, scopes: ['invoices:read', 'invoices:*', '*'] }),
        rule('c', { accounts: ['anna', 'nobody'] }),
        rule('d', { everybody: true, clients: ['portal', '*'] }),
        rule('e', { groups: ['local/Finance'] }),
      ]),
    ).toEqual([
      'a: resource: there is no https://other.example/mcp',
      expect.stringMatching(/^b: scopes: .* has no invoices:\*$/),
      expect.stringMatching(/^b: scopes: .* has no \*$/),
      'c: accounts: there is no nobody',
      'd: clients: there is no *',
      'e: groups: local/Finance can be no local group',
    ]);
    expect(await access.list()).toEqual([]);
  });

  it('takes a client by its URL before it was ever here', async () => {
    const { problems, rule } = house();
    expect(await problems([rule('a', { everybody: true, clients: ['https://app.example/c.json'] })])).toEqual([]);
  });

  it('never opens the resources of this server to everybody', async () => {
    const { database, problems, rule } = house();
    const admin = ownResources('https://as.example')[1]!;
    database.resources.set(admin.identifier, admin);
    const more = { resource: admin.identifier, scopes: ['clients:read'] };
    expect(await problems([rule('a', { everybody: true, ...more })])).toHaveLength(1);
    expect(await problems([rule('a', { groups: ['okta/admins'], ...more })])).toEqual([]);
  });

  it('warns of a disabled resource, and of groups in which nobody is, with those that look alike', async () => {
    const { database, apply, rule, resource } = house();
    database.disableResource(resource.identifier, new Date(0));
    const { warnings } = await apply([rule('a', { groups: ['okta/Finance', 'okta/sales', 'okta/finance'] })]);
    expect(warnings).toEqual([
      `a: ${resource.identifier} is disabled: the rule gives nothing`,
      'a: nobody is in okta/Finance now; okta/finance is another group',
      'a: nobody is in okta/sales now',
    ]);
  });

  it('means the account, not its name: whoever gets the name later gets nothing by it', async () => {
    const { access, database, apply, rule, anna, account } = house();
    await apply([rule('a', { accounts: ['anna'] })]);
    database.accounts.set(anna, { disabled: false, profile: { displayName: 'A', username: 'anna.old' } });
    const namesake = account('anna');
    expect((await access.list())[0]?.accounts).toEqual([anna]);
    expect(
      database.entitled(namesake, 'portal' as ClientId, (await access.list())[0]!.resource).entitledScopes,
    ).toEqual([]);
  });
});

describe('local groups', () => {
  it('are joined and left by command, and those of providers are not', async () => {
    const { database, policy, anna } = house();
    expect(await policy.join('anna', 'local/finance')).toBe('changed');
    expect(await policy.join('anna', 'local/finance')).toBe('unchanged');
    expect([...database.groups.get(anna)!]).toEqual(['okta/finance', 'local/finance']);
    expect(await policy.leave('anna', 'local/finance')).toBe('changed');
    expect(await policy.leave('anna', 'local/finance')).toBe('unchanged');
    expect(await policy.join('nobody', 'local/finance')).toBe('unknown_account');
    for (const group of [
      'okta/finance',
      'finance',
      'local/',
      'local/Finance',
      'local/a/../b',
      'local/ﬁnance',
      'local/*',
    ])
      expect([await policy.join('anna', group), await policy.leave('anna', group)]).toEqual(['not_local', 'not_local']);
    expect(database.audit.map(({ type, detail, accountId }) => [type, detail?.['group'], accountId])).toEqual([
      ['account.group_joined', 'local/finance', anna],
      ['account.group_left', 'local/finance', anna],
    ]);
  });
});

describe('an explanation', () => {
  async function explained(more: Partial<Parameters<typeof explainAccess>[0]> = {}) {
    const { apply, rule, policy, resource, client, database, anna } = house();
    await apply([
      rule('finance', { groups: ['okta/finance'], scopes: ['invoices:write'] }),
      rule('strict', { groups: ['okta/sales'], accounts: ['ben'], clients: ['portal'], client_trust: 'verified' }),
    ]);
    database.entitlements.set(`${anna} ${resource.identifier}`, ['invoices:refund']);
    const person = await policy.person('anna');
    const { rules } = await policy.list();
    const identifier = resource.identifier;
    const asked = { person, client, clientId: client.id, resource, identifier, rules, trust: OPEN_TO_ALL };
    return explainAccess({ ...asked, ...more });
  }

  it('says of each rule whether it matches and everything that is not met, and adds it up', async () => {
    expect(await explained()).toMatchObject({
      client: { id: 'portal', trust: 'pre-registered' },
      obstacles: [],
      judgements: [
        { rule: { id: 'finance' }, misses: [] },
        { rule: { id: 'strict' }, misses: ['other_account', 'not_in_group'] },
      ],
      entitled: ['invoices:refund'],
      scopes: ['invoices:write', 'invoices:refund'],
      included: ['invoices:read'],
    });
    const stranger = await explained({ client: undefined, clientId: 'https://app.example/c.json' as ClientId });
    expect(stranger.judgements[1]?.misses).toEqual([
      'other_account',
      'not_in_group',
      'other_client',
      'client_not_verified',
    ]);
  });

  it('says why nobody gets anything there, whatever rules say', async () => {
    const nothing = async (more: Parameters<typeof explained>[0], ...obstacles: readonly string[]) => {
      expect(await explained(more)).toMatchObject({ obstacles, scopes: [] });
    };
    const at = new Date(0);
    const client = aClient({ id: 'portal' as ClientId, origin: 'pre-registered' });
    await nothing({ person: undefined }, 'unknown_account');
    await nothing({ client: undefined, clientId: 'nobody' as ClientId }, 'unknown_client');
    await nothing({ client: { ...client, disabledAt: at } }, 'disabled_client');
    const trust = { ...OPEN_TO_ALL, denied: { domains: [], clients: ['portal'] } };
    await nothing({ trust }, 'client_not_allowed');
    await nothing({ resource: undefined, identifier: 'https://no.example' as ResourceIdentifier }, 'unknown_resource');
    await nothing({ resource: aResource({ disabledAt: at }) }, 'disabled_resource');
  });
});
