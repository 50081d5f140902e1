import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aClient,
  anyHash,
  anySecretHash,
  CONTRACT_NOW,
  givenCode,
  givenInteraction,
  givenParties,
  type Parties,
} from './store-seeds.js';

export function clientStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ClientStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    it('gives a registered client back as it was', async () => {
      const plain = aClient();
      const rich = aClient({
        origin: 'pre-registered',
        name: 'Büro 株式会社 👩‍💻',
        applicationType: 'web',
        redirectUris: ['https://app.example/cb?tenant=1', 'https://app.example/cb2'],
        grantTypes: ['authorization_code'],
        authMethod: 'client_secret_basic',
        secrets: [{ hash: anySecretHash() }, { hash: anySecretHash(), expiresAt: after(CONTRACT_NOW, 60) }],
        scopes: ['invoices:read'],
        clientUri: 'https://app.example/',
        softwareId: 'ledger',
        softwareVersion: '1.2.3',
        dpopBoundAccessTokens: true,
        postLogoutRedirectUris: ['https://app.example/bye', 'https://app.example/bye?x=1'],
        backchannelLogoutUri: 'https://app.example/out',
        backchannelLogoutSessionRequired: true,
      });
      const signing = aClient({
        authMethod: 'private_key_jwt',
        keys: { jwks: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'ä' }] },
      });
      const publishing = aClient({ authMethod: 'private_key_jwt', keys: { jwksUri: 'https://app.example/jwks' } });
      for (const client of [plain, rich, signing, publishing]) {
        await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
        expect(await fixture.clients.find(client.id)).toEqual(client);
      }
    });

    it('stores the audit event with the client', async () => {
      const client = aClient();
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      const events = (await fixture.auditTrail()).filter(({ clientId }) => clientId === client.id);
      expect(events).toEqual([{ type: 'client.registered', at: CONTRACT_NOW, clientId: client.id }]);
    });

    it('still finds a disabled client, marked as such', async () => {
      const client = aClient();
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      await fixture.disableClient(client.id);
      expect((await fixture.clients.find(client.id))?.disabledAt).toBeInstanceOf(Date);
    });

    it('renews the stored form of a secret, and nothing else, as often as it is there', async () => {
      const [from, to, other] = [anySecretHash(), anySecretHash(), anySecretHash()];
      const ends = { hash: from, expiresAt: after(CONTRACT_NOW, 60) };
      const client = aClient({ secrets: [{ hash: other }, ends] });
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      const results = await Promise.all(
        Array.from({ length: 5 }, () => fixture.clients.renewSecret(client.id, { from, to })),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await fixture.clients.find(client.id)).toEqual({
        ...client,
        secrets: [{ hash: other }, { ...ends, hash: to }],
      });
      expect(await fixture.clients.renewSecret(aClient().id, { from, to })).toBe(false);
    });

    describe('for clients with a metadata document', () => {
      const MINUTE = 60;
      const copy = (fetchedAt: Date, etag?: string) => ({
        fetchedAt,
        expiresAt: after(fetchedAt, MINUTE),
        ...(etag === undefined ? {} : { etag }),
      });
      const published = (overrides: Partial<Client> = {}): Client =>
        aClient({
          id: `https://app.example/${anyHash()}` as ClientId,
          origin: 'metadata-document',
          document: copy(CONTRACT_NOW, '"v1"'),
          ...overrides,
        });
      const registered = (client: Client) =>
        ({ type: 'client.registered', at: CONTRACT_NOW, clientId: client.id }) as const;
      const changed = (client: Client) => ({ type: 'client.changed', at: CONTRACT_NOW, clientId: client.id }) as const;
      const eventsOf = async ({ id }: Client) =>
        (await fixture.auditTrail()).filter(({ clientId }) => clientId === id).map(({ type }) => type);

      it('adopts a client once, however many fetched its document at the same time', async () => {
        const client = published({ authMethod: 'private_key_jwt', keys: { jwksUri: 'https://app.example/jwks' } });
        const adopted = await Promise.all([1, 2, 3].map(() => fixture.clients.adopt(client, registered(client))));
        expect(adopted.filter(Boolean)).toHaveLength(1);
        expect(await fixture.clients.find(client.id)).toEqual(client);
        expect(await eventsOf(client)).toEqual(['client.registered']);
      });

      it('renews the copy, and only the first of parallel renewals counts', async () => {
        const client = published();
        await fixture.clients.adopt(client, registered(client));
        const later = after(CONTRACT_NOW, MINUTE);
        const { document: _, ...plain } = client;
        const renewed: Client = {
          ...plain,
          name: 'New name',
          redirectUris: ['https://app.example/cb'],
          document: copy(later),
        };
        const outcomes = await Promise.all(
          [1, 2, 3].map(() => fixture.clients.renew(client, renewed, changed(client))),
        );
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        expect(await fixture.clients.find(client.id)).toEqual(renewed);
        expect(await eventsOf(client)).toEqual(['client.registered', 'client.changed']);
      });

      it('leaves consents alone when nothing changed, and drops those of this client when something did', async () => {
        const client = published();
        await fixture.clients.adopt(client, registered(client));
        const parties = { ...(await givenParties(fixture)), client };
        await fixture.entitlements.grant(parties.accountId, parties.resource.identifier, ['invoices:read']);
        await givenCode(fixture, parties);
        const other = await givenParties(fixture);
        await givenCode(fixture, other);
        const consentOf = (of: Parties) => fixture.consents.find(of.accountId, of.client.id, of.resource.identifier);

        const same = { ...client, document: copy(after(CONTRACT_NOW, MINUTE)) };
        expect(await fixture.clients.renew(client, same)).toBe(true);
        expect(await consentOf(parties)).toBeDefined();
        expect(await eventsOf(client)).not.toContain('client.changed');

        const changedClient = { ...same, name: 'Other', document: copy(after(CONTRACT_NOW, 2 * MINUTE)) };
        expect(await fixture.clients.renew(same, changedClient, changed(client))).toBe(true);
        expect(await consentOf(parties)).toBeUndefined();
        expect(await consentOf(other)).toBeDefined();
      });

      it('ends the journeys of this client when something changed, so that no click agrees to what its page did not show', async () => {
        const client = published();
        await fixture.clients.adopt(client, registered(client));
        const parties = { ...(await givenParties(fixture)), client };
        const [journey, others] = [
          await givenInteraction(fixture, parties),
          await givenInteraction(fixture, await givenParties(fixture)),
        ];
        const find = ({ id, browser }: typeof journey) => fixture.interactions.find(id, browser, CONTRACT_NOW);
        const same = { ...client, document: copy(after(CONTRACT_NOW, MINUTE)) };
        await fixture.clients.renew(client, same);
        expect(await find(journey)).toBeDefined();
        const other = { ...same, name: 'Other', document: copy(after(CONTRACT_NOW, 2 * MINUTE)) };
        await fixture.clients.renew(same, other, changed(client));
        expect(await find(journey)).toBeUndefined();
        expect(await find(others)).toBeDefined();
      });

      it('does not bring a disabled client back to life, nor change since when it is known', async () => {
        const client = published();
        await fixture.clients.adopt(client, registered(client));
        await fixture.disableClient(client.id);
        const later = after(CONTRACT_NOW, MINUTE);
        await fixture.clients.renew(client, { ...client, createdAt: later, document: copy(later) });
        const found = await fixture.clients.find(client.id);
        expect(found?.disabledAt).toBeInstanceOf(Date);
        expect(found?.createdAt).toEqual(CONTRACT_NOW);
        expect(await fixture.clients.adopt(client, registered(client))).toBe(false);
      });
    });

    it('knows no client it was not given', async () => {
      expect(await fixture.clients.find(`c_${anyHash()}` as ClientId)).toBeUndefined();
    });
  });
}
