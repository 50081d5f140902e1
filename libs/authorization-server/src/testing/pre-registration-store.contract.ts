import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aClient,
  aCode,
  anyHash,
  anySecretHash,
  aResource,
  CONTRACT_NOW,
  givenInteraction,
  givenParties,
} from './store-seeds.js';

export function preRegistrationStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as PreRegistrationStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const anOperatorsClient = (overrides: Partial<Client> = {}) =>
      aClient({ id: `app-${anyHash()}` as ClientId, origin: 'pre-registered', ...overrides });
    const audit = (client: Client, type: 'client.registered' | 'client.changed' = 'client.registered') =>
      ({ type, at: CONTRACT_NOW, clientId: client.id }) as const;
    const eventsOf = async ({ id }: Client) =>
      (await fixture.auditTrail()).filter(({ clientId }) => clientId === id).map(({ type }) => type);

    it('creates a client once, and takes no id from another', async () => {
      const client = anOperatorsClient({
        authMethod: 'private_key_jwt',
        keys: { jwksUri: 'https://app.example/jwks' },
        scopes: ['invoices:read'],
        requirePushedRequests: true,
        dpopBoundAccessTokens: true,
        assertionAlgorithm: 'ES384',
      });
      const results = await Promise.all(
        Array.from({ length: 10 }, () => fixture.preRegistration.create(client, audit(client))),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await fixture.clients.find(client.id)).toEqual(client);
      expect(await eventsOf(client)).toEqual(['client.registered']);
      const dynamic = aClient();
      await fixture.clients.register(dynamic, audit(dynamic));
      expect(await fixture.preRegistration.create({ ...client, id: dynamic.id }, audit(dynamic))).toBe(false);
      expect(await fixture.clients.find(dynamic.id)).toEqual(dynamic);
    });

    it('lists the clients of operators and no others', async () => {
      const [first, second, other] = [anOperatorsClient(), anOperatorsClient(), aClient()];
      await fixture.preRegistration.create(first, audit(first));
      await fixture.preRegistration.create(second, audit(second));
      await fixture.clients.register(other, audit(other));
      const listed = await fixture.preRegistration.list();
      expect(listed).toEqual(expect.arrayContaining([first, second]));
      expect(listed.map(({ id }) => id)).toEqual([...listed.map(({ id }) => id)].sort());
      expect(listed.every(({ origin }) => origin === 'pre-registered')).toBe(true);
    });

    it('changes everything but the id, with the event', async () => {
      const client = anOperatorsClient();
      await fixture.preRegistration.create(client, audit(client));
      const next: Client = {
        ...client,
        name: 'Another name',
        redirectUris: [],
        grantTypes: ['client_credentials'],
        authMethod: 'client_secret_basic',
        secrets: [{ hash: anySecretHash() }, { hash: anySecretHash(), expiresAt: after(CONTRACT_NOW, 60) }],
        scopes: ['a', 'b'],
        exchanges: [
          { from: aResource().identifier, to: aResource().identifier, scopes: { b: 'a' }, acceptsBoundTokens: true },
        ],
        disabledAt: CONTRACT_NOW,
      };
      const changed = await fixture.preRegistration.change(client.id, (current) => {
        expect(current).toEqual(client);
        return { client: next, audit: audit(next, 'client.changed') };
      });
      expect(changed).toEqual(next);
      expect(await fixture.clients.find(client.id)).toEqual(next);
      expect(await eventsOf(client)).toEqual(['client.registered', 'client.changed']);
    });

    it('ends what people agreed to, and the journeys that show the old terms, with the terms and not without', async () => {
      const parties = await givenParties(fixture);
      const client = anOperatorsClient();
      await fixture.preRegistration.create(client, audit(client));
      const { accountId, resource } = parties;
      const agreed = { accountId, clientId: client.id, resource: resource.identifier };
      const find = () => fixture.consents.find(accountId, client.id, resource.identifier);
      const approved = await givenInteraction(fixture, { ...parties, client });
      const event = { ...agreed, type: 'consent.granted', at: CONTRACT_NOW } as const;
      const consent = { ...agreed, scopes: ['invoices:read'], grantedAt: CONTRACT_NOW };
      const outcome = { consent, audit: event, code: aCode({ ...parties, client }) };
      expect(await fixture.interactions.approve(approved.id, outcome, CONTRACT_NOW)).toBe(true);
      const { id, browser } = await givenInteraction(fixture, { ...parties, client });
      const change = (endsAgreements?: true) =>
        fixture.preRegistration.change(client.id, (current) => ({
          client: { ...current, redirectUris: ['https://elsewhere.example/cb'] },
          audit: audit(client, 'client.changed'),
          ...(endsAgreements ? { endsAgreements } : {}),
        }));
      await change();
      expect(await find()).toEqual(consent);
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toBeDefined();
      await change(true);
      expect(await find()).toBeUndefined();
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toBeUndefined();
    });

    it('leaves no event where nothing is changed', async () => {
      const client = anOperatorsClient();
      await fixture.preRegistration.create(client, audit(client));
      expect(await fixture.preRegistration.change(client.id, () => undefined)).toEqual(client);
      expect(await eventsOf(client)).toEqual(['client.registered']);
    });

    it('loses none of several changes at once', async () => {
      const client = anOperatorsClient({ scopes: [] });
      await fixture.preRegistration.create(client, audit(client));
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          fixture.preRegistration.change(client.id, (current) => ({
            client: { ...current, scopes: [...(current.scopes ?? []), `s${String(index)}`] },
            audit: audit(client, 'client.changed'),
          })),
        ),
      );
      expect((await fixture.clients.find(client.id))?.scopes).toHaveLength(10);
    });

    it('changes no client of another origin, and none that is not there', async () => {
      const dynamic = aClient();
      await fixture.clients.register(dynamic, audit(dynamic));
      for (const id of [dynamic.id, anOperatorsClient().id])
        expect(
          await fixture.preRegistration.change(id, (client) => ({
            client: { ...client, name: 'Mine now' },
            audit: audit(client, 'client.changed'),
          })),
        ).toBeUndefined();
      expect(await fixture.clients.find(dynamic.id)).toEqual(dynamic);
    });
  });
}
