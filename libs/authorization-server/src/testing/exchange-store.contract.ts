import type { AuditEvent } from '@gatehouse/audit';
import { after, type AuthorizationId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Authorization } from '../authorizations/authorization.js';
import { standingProblem } from '../authorizations/standing.js';
import type { Client } from '../clients/client.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aClient, aResource, CONTRACT_NOW, givenAuthorization, type Parties } from './store-seeds.js';

const AT_ONCE = 20;

export type Derived = Authorization & { readonly parent: AuthorizationId };

/** Another client, and another resource at which the same person has rights. */
export async function givenGateway(
  fixture: StoreFixture,
  { accountId }: Pick<Parties, 'accountId'>,
): Promise<{ readonly client: Client; readonly resource: ProtectedResource }> {
  const client = aClient({ origin: 'pre-registered', redirectUris: ['https://gateway.example/cb'] });
  const resource = aResource({ scopes: [{ name: 'expenses:read', description: 'See expenses' }] });
  await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
  await fixture.resources.publishServer({ id: resource.serverId, secrets: [] });
  await fixture.resources.publish(resource, { type: 'resource.published', at: CONTRACT_NOW });
  await fixture.entitlements.grant(accountId, resource.identifier, ['expenses:read']);
  return { client, resource };
}

/** What an exchange of `parent` through `via` stores. */
export function aDerivation(
  parent: Authorization,
  via: { readonly client: Client; readonly resource: ProtectedResource },
): Derived {
  const { accountId, authenticatedAt } = parent;
  return {
    id: randomUUID() as AuthorizationId,
    parent: parent.id,
    clientId: via.client.id,
    ...(accountId && authenticatedAt ? { accountId, authenticatedAt } : {}),
    resource: via.resource.identifier,
    scopes: ['expenses:read'],
    createdAt: CONTRACT_NOW,
    expiresAt: after(CONTRACT_NOW, 300),
  };
}

export function exchangeStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ExchangeStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const event = ({ id }: Authorization, type: AuditEvent['type']): AuditEvent => ({
      type,
      at: CONTRACT_NOW,
      authorizationId: id,
    });
    const derive = (derived: Derived, now = CONTRACT_NOW) =>
      fixture.exchanges.derive(derived, event(derived, 'token.exchanged'), now);
    const revoke = (authorization: Authorization) =>
      fixture.authorizations.revoke(authorization.id, 'revoked_by_client', event(authorization, 'token.revoked'));
    const found = (authorization: Authorization) => fixture.authorizations.find(authorization.id);
    const problemOf = async (authorization: Authorization) => {
      const now = await found(authorization);
      return now && (now.authorization.revoked?.reason ?? standingProblem(now.standing));
    };
    const typesOf = async ({ id }: Authorization) =>
      (await fixture.auditTrail()).filter(({ authorizationId }) => authorizationId === id).map(({ type }) => type);

    const at = ({ client, resource }: Pick<Parties, 'client' | 'resource'>) => ({
      client: client.id,
      resource: resource.identifier,
    });

    /** A person's authorization, two gateways, one behind the other, and what each would derive. */
    async function line() {
      const given = await givenAuthorization(fixture);
      const first = await givenGateway(fixture, given);
      const second = await givenGateway(fixture, given);
      const child = aDerivation(given.authorization, first);
      const grandchild = aDerivation(child, second);
      return { ...given, first, second, child, grandchild };
    }

    it('reads the subject with how its owner stands at the target', async () => {
      const { authorization, client, resource, first } = await line();
      const subject = await fixture.exchanges.subject(authorization.id, at(first));
      expect(subject).toEqual({
        ...(await found(authorization)),
        sourceScopes: resource.scopes,
        target: {
          standing: 'active',
          serverId: first.resource.serverId,
          scopes: ['expenses:read'],
          entitledScopes: ['expenses:read'],
        },
      });
      expect(subject).toMatchObject({ serverId: resource.serverId, clients: [{ id: client.id }], ancestors: [] });
      expect(
        await fixture.exchanges.subject(randomUUID() as AuthorizationId, at({ client, resource })),
      ).toBeUndefined();
    });

    it('says so when the target is unknown or disabled, or the person has nothing there', async () => {
      const { authorization, client, first } = await line();
      const nowhere = await fixture.exchanges.subject(authorization.id, at({ client, resource: aResource() }));
      expect(nowhere?.target).toEqual({ standing: 'unknown', scopes: [], entitledScopes: [] });
      await fixture.disableResource(first.resource.identifier);
      const subject = await fixture.exchanges.subject(authorization.id, at(first));
      expect(subject?.target.standing).toBe('disabled');
      const strangers = await givenGateway(fixture, { accountId: await fixture.addAccount() });
      const elsewhere = await fixture.exchanges.subject(authorization.id, at(strangers));
      expect(elsewhere?.target).toMatchObject({ standing: 'active', entitledScopes: [] });
    });

    it('stores what was derived, with its event, and finds it with its line', async () => {
      const { authorization, client, resource, first, second, child, grandchild } = await line();
      expect(await derive(child)).toBe(true);
      expect(await derive(grandchild)).toBe(true);
      const stored = await found(grandchild);
      expect(stored?.authorization).toEqual(grandchild);
      expect(stored?.standing).toMatchObject({ client: 'active', account: 'active', ancestors: 'active' });
      expect(stored?.standing.entitledScopes).toEqual(['expenses:read']);
      expect(stored?.ancestors).toEqual([
        { clientId: first.client.id, resource: first.resource.identifier },
        { clientId: client.id, resource: resource.identifier },
      ]);
      expect(stored?.clients).toEqual(
        [second.client, first.client, client].map(({ id, origin, redirectUris }) => ({ id, origin, redirectUris })),
      );
      expect((await found(authorization))?.standing).not.toHaveProperty('ancestors');
      expect(await typesOf(child)).toEqual(['token.exchanged']);
    });

    it('hands on, without a person, what the client at the root is registered for', async () => {
      const { first, second } = await line();
      const robot = aClient({ origin: 'pre-registered', scopes: ['expenses:read', 'invoices:read'] });
      await fixture.clients.register(robot, { type: 'client.registered', at: CONTRACT_NOW, clientId: robot.id });
      const own: Authorization = {
        id: randomUUID() as AuthorizationId,
        clientId: robot.id,
        resource: first.resource.identifier,
        scopes: ['expenses:read'],
        createdAt: CONTRACT_NOW,
        expiresAt: after(CONTRACT_NOW, 300),
      };
      await fixture.authorizations.begin(own, event(own, 'client.authorized'));
      const child = aDerivation(own, second);
      expect(await derive(child)).toBe(true);
      expect((await found(child))?.standing).toEqual({
        client: 'active',
        account: 'absent',
        resource: 'active',
        ancestors: 'active',
        entitledScopes: robot.scopes,
      });
    });

    it('stores all of many exchanges of one token at once: a gateway may be busy', async () => {
      const { authorization, first } = await line();
      const many = Array.from({ length: AT_ONCE }, () => aDerivation(authorization, first));
      expect(await Promise.all(many.map((each) => derive(each)))).toEqual(many.map(() => true));
      for (const each of many) expect(await problemOf(each)).toBeUndefined();
    });

    it('derives nothing from what is revoked, expired or not there', async () => {
      const { authorization, child } = await line();
      expect(await derive({ ...child, parent: randomUUID() as AuthorizationId })).toBe(false);
      expect(await derive(child, authorization.expiresAt)).toBe(false);
      await revoke(authorization);
      expect(await derive(child)).toBe(false);
      expect(await found(child)).toBeUndefined();
      expect(await typesOf(child)).toEqual([]);
    });

    it.each(['client', 'resource', 'account'] as const)('derives nothing while the %s is disabled', async (party) => {
      const { accountId, first, child } = await line();
      if (party === 'client') await fixture.disableClient(first.client.id);
      if (party === 'resource') await fixture.disableResource(first.resource.identifier);
      if (party === 'account') await fixture.disableAccount(accountId);
      expect(await derive(child)).toBe(false);
      expect(await typesOf(child)).toEqual([]);
    });

    it('ends all that was derived with what it was derived from, and nothing beside it', async () => {
      const { authorization, first, child, grandchild } = await line();
      const sibling = aDerivation(authorization, first);
      for (const each of [child, grandchild, sibling]) await derive(each);
      expect(await revoke(child)).toBe(true);
      expect(await problemOf(grandchild)).toBe('parent_revoked');
      expect(await problemOf(sibling)).toBeUndefined();
      expect(await problemOf(authorization)).toBeUndefined();
      expect(await revoke(authorization)).toBe(true);
      expect(await problemOf(sibling)).toBe('parent_revoked');
      expect(await problemOf(child)).toBe('revoked_by_client');
      expect(await typesOf(authorization)).toContain('token.revoked');
    });

    it('lets nothing live whose ancestor has a disabled client or resource', async () => {
      for (const party of ['client', 'resource'] as const) {
        const { client, resource, child, grandchild } = await line();
        await derive(child);
        await derive(grandchild);
        if (party === 'client') await fixture.disableClient(client.id);
        else await fixture.disableResource(resource.identifier);
        expect([await problemOf(child), await problemOf(grandchild)]).toEqual(['ancestor_over', 'ancestor_over']);
      }
    });

    it('lets nothing live of a revocation and exchanges at once, whoever was first', async () => {
      for (let round = 0; round < AT_ONCE; round += 1) {
        const { authorization, first, child, grandchild } = await line();
        await derive(child);
        const siblings = Array.from({ length: 3 }, () => aDerivation(authorization, first));
        const attempts = [...siblings, grandchild].map((each) => derive(each));
        const [revoked] = await Promise.all([revoke(authorization), ...attempts]);
        expect(revoked).toBe(true);
        for (const each of [child, grandchild, ...siblings])
          if (await found(each)) expect(await problemOf(each)).toBeDefined();
      }
    });
  });
}
