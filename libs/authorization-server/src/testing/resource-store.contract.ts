import { after, type ResourceServerId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProtectedResource } from '../resources/protected-resource.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aClient, anyHash, anySecretHash, aResource, CONTRACT_NOW } from './store-seeds.js';

/** Resources, the servers that run them, and what accounts may hand on there. */
export function resourceStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ResourceStore and EntitlementStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    async function publish(resource: ProtectedResource): Promise<void> {
      await fixture.resources.publishServer({ id: resource.serverId, secrets: [] });
      const audit = { type: 'resource.published', at: CONTRACT_NOW, resource: resource.identifier } as const;
      await fixture.resources.publish(resource, audit);
    }
    const listed = async (resource: ProtectedResource) =>
      (await fixture.resources.list()).filter(({ identifier }) => identifier === resource.identifier);

    it('lists a published resource as it was, with its audit event', async () => {
      const resource = aResource();
      await publish(resource);
      expect(await listed(resource)).toEqual([resource]);
      const events = (await fixture.auditTrail()).filter((event) => event.resource === resource.identifier);
      expect(events.map(({ type }) => type)).toEqual(['resource.published']);
    });

    it('replaces a resource by its identifier', async () => {
      const resource = aResource();
      await publish(resource);
      const changed = { ...resource, name: 'Invoices of 2026', scopes: resource.scopes.slice(0, 1) };
      await publish(changed);
      expect(await listed(resource)).toEqual([changed]);
    });

    it('lists a disabled resource, marked as such', async () => {
      const resource = aResource();
      await publish(resource);
      await fixture.disableResource(resource.identifier);
      expect((await listed(resource)).map(({ disabledAt }) => disabledAt)).toEqual([expect.any(Date)]);
    });

    it('makes sure of a resource once, however many do so, and again when it has changed', async () => {
      const { serverId, ...rest } = aResource();
      const resource = { ...rest, serverId };
      await fixture.resources.publishServer({ id: serverId, secrets: [{ hash: anySecretHash() }] });
      const ensure = (what: ProtectedResource) =>
        fixture.resources.ensure(what, { type: 'resource.published', at: CONTRACT_NOW, resource: what.identifier });
      const several = await Promise.all(Array.from({ length: 5 }, () => ensure(resource)));
      expect(several.filter(Boolean)).toHaveLength(1);
      expect(await listed(resource)).toEqual([resource]);
      // Nobody introspects in the name of a server that is not one.
      expect(await fixture.resources.findServer(serverId)).toEqual({ id: serverId, secrets: [] });

      await fixture.disableResource(resource.identifier);
      expect(await ensure(resource)).toBe(false);
      const changed = { ...resource, scopes: resource.scopes.slice(0, 1) };
      expect(await ensure(changed)).toBe(true);
      expect(await listed(resource)).toEqual([{ ...changed, disabledAt: expect.any(Date) }]);
      const events = (await fixture.auditTrail()).filter((event) => event.resource === resource.identifier);
      expect(events.map(({ type }) => type)).toEqual(['resource.published', 'resource.published']);
    });

    it('finds a resource server with the secrets it was last published with', async () => {
      const id = `rs-${anyHash()}` as ResourceServerId;
      expect(await fixture.resources.findServer(id)).toBeUndefined();
      await fixture.resources.publishServer({ id, secrets: [{ hash: anySecretHash() }] });
      const secrets = [{ hash: anySecretHash() }, { hash: anySecretHash(), expiresAt: after(CONTRACT_NOW, 60) }];
      await fixture.resources.publishServer({ id, secrets });
      expect(await fixture.resources.findServer(id)).toEqual({ id, secrets });
    });

    it('renews the stored form of a secret of a server', async () => {
      const id = `rs-${anyHash()}` as ResourceServerId;
      const [from, to] = [anySecretHash(), anySecretHash()];
      await fixture.resources.publishServer({ id, secrets: [{ hash: from }] });
      expect(await fixture.resources.renewServerSecret(id, { from: to, to: from })).toBe(false);
      expect(await fixture.resources.renewServerSecret(id, { from, to })).toBe(true);
      expect(await fixture.resources.findServer(id)).toEqual({ id, secrets: [{ hash: to }] });
    });

    it('entitles nobody to anything until told so, and then to exactly that', async () => {
      const resource = aResource();
      const other = aResource();
      await publish(resource);
      await publish(other);
      const account = await fixture.addAccount();
      const anybody = { id: aClient().id, verified: true };
      expect(await fixture.entitlements.scopesOf(account, anybody, resource.identifier)).toEqual([]);
      await fixture.entitlements.grant(account, resource.identifier, ['invoices:read', 'invoices:refund']);
      await fixture.entitlements.grant(account, resource.identifier, ['invoices:read', 'invoices:write']);
      const scopes = await fixture.entitlements.scopesOf(account, anybody, resource.identifier);
      expect([...scopes].sort()).toEqual(['invoices:read', 'invoices:write']);
      expect(await fixture.entitlements.scopesOf(account, anybody, other.identifier)).toEqual([]);
      await fixture.entitlements.grant(account, resource.identifier, []);
      expect(await fixture.entitlements.scopesOf(account, anybody, resource.identifier)).toEqual([]);
    });
  });
}
