import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AesGcmKeyVault, ownResources, Secrets } from '@gatehouse/authorization-server';
import { memoryStores } from '@gatehouse/authorization-server/testing';
import { AccountRegistration } from '@gatehouse/identity';
import { MemoryAccountStore, StoppedClock, TransparentPasswordHasher } from '@gatehouse/identity/testing';
import type { ClientId, ResourceServerId } from '@gatehouse/protocol';
import { applySeed } from './apply-seed.js';
import { UnusableSeed, parseSeedInput } from './seed-input.js';

const resource = {
  identifier: 'https://tools.example/mcp',
  name: 'Tools',
  scopes: [{ name: 'tools:use', description: 'Use tools' }],
  defaultScopes: ['tools:use'],
};
const valid = {
  resources: [resource],
  resourceServer: { id: 'tools', secret: 'ghx_0123456789abcdefghijklmnopqrstuvwxyz' },
  accounts: [
    {
      username: 'Anna',
      displayName: 'Anna',
      password: 'correct horse battery',
      entitlements: { [resource.identifier]: ['tools:use'] },
    },
  ],
};

function parts() {
  const stores = memoryStores();
  const accounts = new MemoryAccountStore();
  const clock = new StoppedClock();
  const registration = new AccountRegistration({ accounts, hasher: new TransparentPasswordHasher(), clock });
  return { ...stores, accounts, registration, clock, secrets: new Secrets(new AesGcmKeyVault([randomBytes(32)])) };
}

describe('seed', () => {
  it('may run again: the account keeps its id and gets the new password and rights', async () => {
    const all = parts();
    await applySeed(parseSeedInput(JSON.stringify(valid)), all);
    const before = await all.accounts.findByUsername('anna');
    const changed = {
      ...valid,
      accounts: [
        { ...valid.accounts[0], password: 'another long password', entitlements: { [resource.identifier]: [] } },
      ],
    };
    await applySeed(parseSeedInput(JSON.stringify(changed)), all);
    const after = await all.accounts.findByUsername('anna');
    expect(after?.id).toBe(before?.id);
    expect(after?.passwordHash).toBe('v1:another long password');
    expect(
      await all.entitlements.scopesOf(
        after!.id,
        { id: 'portal' as ClientId, verified: true },
        parseSeedInput(JSON.stringify(valid)).resources[0]!.identifier,
      ),
    ).toEqual([]);
  });

  it('does not bring back what an operator disabled: it runs at every start', async () => {
    const all = parts();
    const input = parseSeedInput(JSON.stringify(valid));
    await applySeed(input, all);
    const disabledAt = all.clock.now();
    const audit = { type: 'resource.published', at: disabledAt } as const;
    const [published] = await all.resources.list();
    const server = await all.resources.findServer('tools' as ResourceServerId);
    await all.resources.publish({ ...published!, disabledAt }, audit);
    await all.resources.publishServer({ ...server!, disabledAt });
    await applySeed(input, all);
    expect(await all.resources.list()).toMatchObject([{ disabledAt }]);
    expect(await all.resources.findServer('tools' as ResourceServerId)).toMatchObject({ disabledAt });
  });

  it('stores the secret of the resource server as a hash', async () => {
    const all = parts();
    await applySeed(parseSeedInput(JSON.stringify(valid)), all);
    const server = await all.resources.findServer('tools' as ResourceServerId);
    expect(JSON.stringify(server)).not.toContain(valid.resourceServer.secret);
    expect(server?.secrets).toHaveLength(1);
  });

  it('keeps the e-mail address of an account in step, with one event for each change', async () => {
    const all = parts();
    const withEmail = (email: unknown) =>
      parseSeedInput(JSON.stringify({ ...valid, accounts: [{ ...valid.accounts[0], email }] }));
    const email = { address: 'anna@house.example', verified: true };
    for (const each of [email, email, undefined]) await applySeed(withEmail(each), all);
    expect(all.accounts.audit.map(({ type }) => type)).toEqual(['account.created', 'account.changed']);
    expect(await all.accounts.findByUsername('anna')).not.toHaveProperty('email');
    await expect(applySeed(withEmail({ ...email, address: 'anna' }), all)).rejects.toThrow(UnusableSeed);
  });

  it.each(['openid', 'profile', 'email', 'offline_access'])(
    'refuses a resource that declares the scope %s for itself, for it means the person everywhere',
    (name) => {
      const mine = { ...resource, scopes: [...resource.scopes, { name, description: 'Mine' }] };
      expect(() => parseSeedInput(JSON.stringify({ ...valid, resources: [mine] }))).toThrow(/reserved/);
    },
  );

  it.each(['clients:read', 'clients:write'])(
    'refuses a resource that declares %s: a client declared for it there could ask for the administration here',
    (name) => {
      const mine = { ...resource, scopes: [...resource.scopes, { name, description: 'Mine' }] };
      expect(() => parseSeedInput(JSON.stringify({ ...valid, resources: [mine] }))).toThrow(UnusableSeed);
    },
  );

  it('refuses a resource, and a resource server, that the authorization server is itself', () => {
    const issuer = 'https://as.example';
    for (const { identifier } of ownResources(issuer)) {
      const taken = JSON.stringify({ ...valid, resources: [{ ...resource, identifier }], accounts: [] });
      expect(() => parseSeedInput(taken, issuer)).toThrow(UnusableSeed);
      const spelt = identifier.replace('https://as.example', 'HTTPS://AS.example:443');
      const again = JSON.stringify({ ...valid, resources: [{ ...resource, identifier: spelt }], accounts: [] });
      expect(() => parseSeedInput(again, issuer)).toThrow(UnusableSeed);
      expect(parseSeedInput(taken, 'https://other.example').resources).toHaveLength(1);
    }
    const posing = { ...valid, resourceServer: { ...valid.resourceServer, id: 'gatehouse' } };
    expect(() => parseSeedInput(JSON.stringify(posing), issuer)).toThrow(UnusableSeed);
  });

  it.each([
    ['no JSON', 'password: hunter2'],
    [
      'a right that the resource does not have',
      JSON.stringify({
        ...valid,
        accounts: [{ ...valid.accounts[0], entitlements: { [resource.identifier]: ['tools:misspelt'] } }],
      }),
    ],
    [
      'a right at an unknown resource',
      JSON.stringify({
        ...valid,
        accounts: [{ ...valid.accounts[0], entitlements: { 'https://other.example': ['tools:use'] } }],
      }),
    ],
    ['a short secret', JSON.stringify({ ...valid, resourceServer: { id: 'tools', secret: 'secret' } })],
    ['members nobody asked for', JSON.stringify({ ...valid, extra: true })],
  ])('refuses %s without repeating a value', (_what, text) => {
    expect(() => parseSeedInput(text)).toThrow(UnusableSeed);
    try {
      parseSeedInput(text);
    } catch (error) {
      expect((error as Error).message).not.toMatch(/hunter2|correct horse|ghx_/);
    }
  });

  it('refuses a password that the rule does not allow', async () => {
    const weak = { ...valid, accounts: [{ ...valid.accounts[0], password: 'short' }] };
    await expect(applySeed(parseSeedInput(JSON.stringify(weak)), parts())).rejects.toThrow(UnusableSeed);
  });
});
