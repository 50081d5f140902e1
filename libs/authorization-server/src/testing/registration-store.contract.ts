/* One contract for both stores: registration, management, sharing and quarantine look at the same rows, and each is tried beside the others. */
import { after, type TokenHash } from '@gatehouse/protocol';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Client } from '../clients/client.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aBirth,
  aClient,
  anyHash,
  aPerson,
  anySecretHash,
  CONTRACT_NOW,
  givenAuthorization,
  givenCode,
  givenDevice,
  givenInteraction,
  givenParties,
  rotated,
} from './store-seeds.js';

const HOUR = 3600;

export function registrationStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as RegistrationStore`, () => {
    let fixture: StoreFixture;
    beforeEach(async () => {
      fixture = await makeFixture();
    });
    afterEach(() => fixture.close());

    const registered = ({ id }: Client) => ({ type: 'client.registered', at: CONTRACT_NOW, clientId: id }) as const;
    const changed = ({ id }: Client) => ({ type: 'client.changed', at: CONTRACT_NOW, clientId: id }) as const;
    const removed = ({ id }: Client) => ({ type: 'client.removed', at: CONTRACT_NOW, clientId: id }) as const;
    const eventsOf = async ({ id }: Client) =>
      (await fixture.auditTrail()).filter(({ clientId }) => clientId === id).map(({ type }) => type);

    async function managed(overrides: Partial<Client> = {}): Promise<{ client: Client; managementToken: TokenHash }> {
      const client = aClient(overrides);
      const managementToken = anyHash();
      await fixture.registrations.admit({ client, managementToken }, registered(client), CONTRACT_NOW);
      return { client, managementToken };
    }
    async function shared(at = CONTRACT_NOW, fingerprint = anyHash()): Promise<Client> {
      const client = aClient({ createdAt: at });
      await fixture.registrations.admit({ client, fingerprint }, registered(client), at);
      return client;
    }
    const isThere = async ({ id }: Client) => (await fixture.clients.find(id)) !== undefined;
    /** A consent, an unredeemed code and an authorization of the client. */
    async function inUse(client: Client) {
      const parties = { ...(await givenParties(fixture)), client };
      const code = await givenCode(fixture, parties);
      const consent = () => fixture.consents.find(parties.accountId, client.id, parties.resource.identifier);
      return { parties, code, consent };
    }

    describe('admission', () => {
      it('stores a managed client with its event, and finds it by its id only', async () => {
        const { client, managementToken } = await managed({
          authMethod: 'client_secret_basic',
          secrets: [{ hash: anySecretHash() }],
          clientUri: 'https://app.example',
        });
        expect(await fixture.clients.find(client.id)).toEqual(client);
        expect(await fixture.registrations.findManaged(client.id)).toEqual({ client, managementToken });
        expect(await fixture.registrations.findManaged(aClient().id)).toBeUndefined();
        expect(await eventsOf(client)).toEqual(['client.registered']);
      });

      it('gives one client to all who register the same, however many at once, and lets none of them manage it', async () => {
        const fingerprint = anyHash();
        const clients = await Promise.all(
          Array.from({ length: 30 }, () => {
            const client = aClient();
            return fixture.registrations.admit({ client, fingerprint }, registered(client), CONTRACT_NOW);
          }),
        );
        expect(new Set(clients.map((client) => client?.id)).size).toBe(1);
        const [one] = clients;
        expect(await fixture.clients.find(one!.id)).toEqual(one);
        expect(await fixture.registrations.findManaged(one!.id)).toBeUndefined();
        const born = (await fixture.auditTrail()).filter(({ type }) => type === 'client.registered');
        expect(born).toHaveLength(1);
      });

      it('finds a shared client for who asks for it, and none for who asks for something else', async () => {
        const fingerprint = anyHash();
        const client = await shared(CONTRACT_NOW, fingerprint);
        expect(await fixture.registrations.findShared(fingerprint, CONTRACT_NOW)).toEqual(client);
        expect(await fixture.registrations.findShared(anyHash(), CONTRACT_NOW)).toBeUndefined();
      });

      it('keeps apart who registers something else', async () => {
        expect((await shared()).id).not.toBe((await shared()).id);
      });

      it('still finds a shared client that was disabled, so that it is not made anew', async () => {
        const fingerprint = anyHash();
        const client = await shared(CONTRACT_NOW, fingerprint);
        await fixture.disableClient(client.id);
        const again = aClient();
        const found = await fixture.registrations.admit(
          { client: again, fingerprint },
          registered(again),
          CONTRACT_NOW,
        );
        expect(found?.id).toBe(client.id);
        expect(found?.disabledAt).toBeInstanceOf(Date);
      });

      it('lets an initial access token register as many clients as it has uses, and not one more at once', async () => {
        const hash = anyHash();
        await fixture.initialAccessTokens.create(
          {
            id: randomUUID(),
            hash,
            label: 'x',
            usesLeft: 3,
            createdAt: CONTRACT_NOW,
            expiresAt: after(CONTRACT_NOW, HOUR),
          },
          { type: 'initial_access_token.created', at: CONTRACT_NOW },
        );
        const use = (now = CONTRACT_NOW) => {
          const client = aClient();
          const admission = { client, managementToken: anyHash(), initialAccessToken: hash };
          return fixture.registrations.admit(admission, registered(client), now);
        };
        expect(await use(after(CONTRACT_NOW, HOUR))).toBeUndefined();
        const clients = await Promise.all(Array.from({ length: 12 }, () => use()));
        expect(clients.filter((client) => client !== undefined)).toHaveLength(3);
        expect((await fixture.initialAccessTokens.find(hash))?.usesLeft).toBe(0);
        const born = (await fixture.auditTrail()).filter(({ type }) => type === 'client.registered');
        expect(born).toHaveLength(3);
      });

      it('does not take a revoked or unknown initial access token', async () => {
        const [hash, id] = [anyHash(), randomUUID()];
        await fixture.initialAccessTokens.create(
          { id, hash, label: 'x', usesLeft: 3, createdAt: CONTRACT_NOW, expiresAt: after(CONTRACT_NOW, HOUR) },
          { type: 'initial_access_token.created', at: CONTRACT_NOW },
        );
        await fixture.initialAccessTokens.revoke(id, { type: 'initial_access_token.revoked', at: CONTRACT_NOW });
        for (const initialAccessToken of [hash, anyHash()]) {
          const client = aClient();
          const admission = { client, managementToken: anyHash(), initialAccessToken };
          expect(await fixture.registrations.admit(admission, registered(client), CONTRACT_NOW)).toBeUndefined();
          expect(await isThere(client)).toBe(false);
        }
      });
    });

    describe('replacement', () => {
      it("puts the client's words in the place of the old ones and leaves the rest as it is", async () => {
        const secrets = [{ hash: anySecretHash() }];
        const { client, managementToken } = await managed({
          authMethod: 'client_secret_basic',
          secrets,
          scopes: ['invoices:read'],
          softwareId: 'ledger',
          clientUri: 'https://app.example',
          backchannelLogoutUri: 'https://old.example/out',
          backchannelLogoutSessionRequired: true,
        });
        const { clientUri: _, softwareId: __, backchannelLogoutSessionRequired: ___, ...rest } = client;
        const next: Client = {
          ...rest,
          name: 'New',
          redirectUris: ['https://app.example/new'],
          applicationType: 'web',
          grantTypes: ['authorization_code'],
          authMethod: 'client_secret_post',
          postLogoutRedirectUris: ['https://app.example/bye'],
          backchannelLogoutUri: 'https://app.example/out',
          // Neither is the client's own to say.
          origin: 'pre-registered',
          createdAt: after(CONTRACT_NOW, HOUR),
          scopes: ['invoices:refund'],
          secrets: [],
        };
        expect(await fixture.registrations.replace({ client: next, managementToken }, undefined, changed(client))).toBe(
          true,
        );
        expect(await fixture.clients.find(client.id)).toEqual({
          ...next,
          origin: 'dynamic',
          createdAt: CONTRACT_NOW,
          scopes: ['invoices:read'],
          secrets,
        });
        expect((await eventsOf(client)).sort()).toEqual(['client.changed', 'client.registered']);
      });

      it('replaces the secrets when told so, and the keys', async () => {
        const { client, managementToken } = await managed({
          authMethod: 'client_secret_basic',
          secrets: [{ hash: anySecretHash() }],
        });
        const signing: Client = {
          ...client,
          authMethod: 'private_key_jwt',
          keys: { jwksUri: 'https://app.example/jwks' },
          requirePushedRequests: true,
          dpopBoundAccessTokens: true,
          assertionAlgorithm: 'PS256',
          secrets: [],
        };
        expect(await fixture.registrations.replace({ client: signing, managementToken }, [], changed(client))).toBe(
          true,
        );
        expect(await fixture.clients.find(client.id)).toEqual(signing);
        const secrets = [{ hash: anySecretHash() }];
        expect(await fixture.registrations.replace({ client, managementToken }, secrets, changed(client))).toBe(true);
        expect(await fixture.clients.find(client.id)).toEqual({ ...client, secrets });
      });

      it.each([
        ['name', { name: 'Other' }],
        ['redirect URIs', { redirectUris: ['https://evil.example/cb'] }],
        ['authentication method', { authMethod: 'client_secret_basic' }],
        ['keys', { keys: { jwksUri: 'https://app.example/jwks' } }],
      ] as const)('drops what people consented to when its %s change', async (_what, change) => {
        const { client, managementToken } = await managed();
        const used = await inUse(client);
        const other = await inUse((await managed()).client);
        const same: Client = { ...client, softwareVersion: '2' };
        expect(await fixture.registrations.replace({ client: same, managementToken }, undefined, changed(client))).toBe(
          true,
        );
        expect(await used.consent()).toBeDefined();
        const next: Client = { ...same, ...change };
        expect(await fixture.registrations.replace({ client: next, managementToken }, undefined, changed(client))).toBe(
          true,
        );
        expect(await used.consent()).toBeUndefined();
        expect(await other.consent()).toBeDefined();
      });

      it('is refused to another token, for a disabled client and for one that is not dynamic', async () => {
        const { client, managementToken } = await managed();
        const next = { ...client, name: 'Mine now' };
        const attempt = (token: TokenHash) =>
          fixture.registrations.replace({ client: next, managementToken: token }, [], changed(client));
        expect(await attempt(anyHash())).toBe(false);
        expect(await attempt((await managed()).managementToken)).toBe(false);
        await fixture.disableClient(client.id);
        expect(await attempt(managementToken)).toBe(false);
        const invited = await managed({ origin: 'pre-registered' });
        expect(await fixture.registrations.replace({ ...invited }, [], changed(invited.client))).toBe(false);
        expect(await fixture.clients.find(client.id)).toMatchObject({
          name: client.name,
          disabledAt: expect.any(Date),
        });
        expect(await eventsOf(client)).toEqual(['client.registered']);
      });
    });

    describe('removal', () => {
      it('ends everything of the client at once: interactions, codes, authorizations, consents, its own token', async () => {
        const { client, managementToken } = await managed();
        const { parties, code, consent } = await inUse(client);
        const interaction = await givenInteraction(fixture, parties, {
          person: aPerson(parties.accountId),
        });
        const spent = await givenCode(fixture, parties);
        const family = aBirth(spent);
        const audit = { type: 'code.redeemed', at: CONTRACT_NOW, clientId: client.id } as const;
        expect(await fixture.codes.redeem(spent, family, audit, CONTRACT_NOW)).toBe(true);
        await fixture.usage.used(client.id, CONTRACT_NOW);

        expect(await fixture.registrations.remove(client.id, managementToken, removed(client))).toBe(true);
        expect(await isThere(client)).toBe(false);
        expect(await fixture.registrations.findManaged(client.id)).toBeUndefined();
        expect(await fixture.usage.find(client.id)).toBeUndefined();
        expect(await consent()).toBeUndefined();
        expect((await fixture.codes.find(code.hash))?.standing.client).toBe('unknown');
        expect(await fixture.codes.redeem(code, aBirth(code), audit, CONTRACT_NOW)).toBe(false);
        expect((await fixture.authorizations.find(family.id))?.standing.client).toBe('unknown');
        const next = rotated(family.refresh!);
        const rotation = { type: 'refresh.rotated', at: CONTRACT_NOW } as const;
        expect(
          await fixture.authorizations.rotate(family.id, family.refresh!.currentHash, next, rotation, CONTRACT_NOW),
        ).toBe(false);
        const late = { ...code, hash: anyHash() };
        const agreed = {
          accountId: parties.accountId,
          clientId: client.id,
          resource: code.resource,
          scopes: code.scopes,
          grantedAt: CONTRACT_NOW,
        };
        const granted = { type: 'consent.granted', at: CONTRACT_NOW } as const;
        expect(
          await fixture.interactions.approve(
            interaction.id,
            { consent: agreed, code: late, audit: granted },
            CONTRACT_NOW,
          ),
        ).toBe(false);
        expect(await eventsOf(client)).toContain('client.removed');
      });

      it('happens once, and leaves others alone', async () => {
        const { client, managementToken } = await managed();
        const other = await managed();
        const outcomes = await Promise.all(
          [1, 2, 3, 4].map(() => fixture.registrations.remove(client.id, managementToken, removed(client))),
        );
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        expect(await fixture.registrations.findManaged(other.client.id)).toEqual(other);
      });

      it('is refused to another token and for a disabled client', async () => {
        const { client, managementToken } = await managed();
        expect(await fixture.registrations.remove(client.id, anyHash(), removed(client))).toBe(false);
        await fixture.disableClient(client.id);
        expect(await fixture.registrations.remove(client.id, managementToken, removed(client))).toBe(false);
        expect(await isThere(client)).toBe(true);
      });
    });

    describe('trimming', () => {
      const trim = (budget: number, limit = 100, now = after(CONTRACT_NOW, HOUR)) =>
        fixture.registrations.trim(budget, limit, now);
      const shareds = async (count: number) => {
        const clients: Client[] = [];
        for (let index = 0; index < count; index += 1) clients.push(await shared(after(CONTRACT_NOW, index)));
        return clients;
      };
      const left = async (clients: readonly Client[]) =>
        (await Promise.all(clients.map(isThere))).map((there) => (there ? 1 : 0)).join('');

      it('deletes those beyond the budget that waited longest, at most so many at once, and says how many', async () => {
        const clients = await shareds(6);
        expect(await trim(4)).toBe(2);
        expect(await left(clients)).toBe('001111');
        expect(await trim(4)).toBe(0);
        expect(await trim(1, 2)).toBe(2);
        expect(await left(clients)).toBe('000011');
        const reaped = (await fixture.auditTrail()).filter(({ type }) => type === 'client.reaped');
        expect(reaped.map(({ detail }) => detail)).toEqual([{ clients: 2 }, { clients: 2 }]);
      });

      it('deletes exactly the surplus of those that came in the same moment', async () => {
        const clients = await Promise.all(Array.from({ length: 5 }, () => shared()));
        expect(await trim(2)).toBe(3);
        expect(await left(clients)).toMatch(/^0*1?0*1?0*$/);
      });

      it('spares who has completed a flow, and does not count it', async () => {
        const clients = await shareds(4);
        await fixture.usage.used(clients[0]!.id, CONTRACT_NOW);
        expect(await trim(2)).toBe(1);
        expect(await left(clients)).toBe('1011');
      });

      it('takes from the source that has most, and leaves the one client of another alone, however old it is', async () => {
        const at = (source: TokenHash | undefined, second: number) => {
          const client = aClient();
          const admission = { client, fingerprint: anyHash(), ...(source === undefined ? {} : { source }) };
          const now = after(CONTRACT_NOW, second);
          return fixture.registrations.admit(admission, registered(client), now).then(() => client);
        };
        const [flooder, honest] = [anyHash(), anyHash()];
        const early = await at(honest, 0);
        const flood: Client[] = [];
        for (let index = 1; index < 6; index += 1) flood.push(await at(flooder, index));
        const late = await at(honest, 6);
        expect(await trim(4)).toBe(3);
        expect(await left([early, ...flood, late])).toBe('1000111');
      });

      it('keeps its part for others when a source keeps all its clients in flows', async () => {
        const [flooder, honest] = [anyHash(), anyHash()];
        const parties = await givenParties(fixture);
        const clients: Client[] = [];
        for (const source of [honest, flooder, flooder, flooder]) {
          const client = aClient();
          const admission = { client, fingerprint: anyHash(), source };
          await fixture.registrations.admit(admission, registered(client), after(CONTRACT_NOW, clients.length));
          if (source === flooder) await givenInteraction(fixture, { ...parties, client });
          clients.push(client);
        }
        expect(await trim(2, 100, after(CONTRACT_NOW, 30))).toBe(0);
        expect(await left(clients)).toBe('1111');
      });

      it('takes clients with a document too, which wait from the day of their copy, until they are used', async () => {
        const published = (name: string): Client => ({
          ...aClient({ origin: 'metadata-document' }),
          id: `https://${name}.example/${anyHash()}` as Client['id'],
          document: { fetchedAt: CONTRACT_NOW, expiresAt: after(CONTRACT_NOW, 60) },
        });
        const [old, renewed, used] = [published('old'), published('renewed'), published('used')];
        for (const client of [old, renewed, used]) await fixture.clients.adopt(client, registered(client), anyHash());
        const later = after(CONTRACT_NOW, 60);
        await fixture.clients.renew(renewed, { ...renewed, document: { fetchedAt: later, expiresAt: later } });
        await fixture.usage.used(used.id, CONTRACT_NOW);
        expect(await trim(1)).toBe(1);
        expect(await left([old, renewed, used])).toBe('011');
        expect(await trim(0)).toBe(1);
        expect(await left([old, renewed, used])).toBe('001');
      });

      it('spares who was asked for again', async () => {
        const fingerprint = anyHash();
        const old = await shared(CONTRACT_NOW, fingerprint);
        const others = await shareds(3);
        const again = aClient();
        await fixture.registrations.admit({ client: again, fingerprint }, registered(again), after(CONTRACT_NOW, 60));
        await trim(1);
        expect(await left([old, ...others])).toBe('1000');
      });

      it('spares a client whose person is on the way, until its code is over', async () => {
        const [waiting, coming] = await shareds(2);
        await shareds(1);
        const parties = { ...(await givenParties(fixture)), client: waiting! };
        await givenInteraction(fixture, parties);
        await givenCode(fixture, { ...parties, client: coming! });
        expect(await trim(0, 100, after(CONTRACT_NOW, 30))).toBe(1);
        expect(await left([waiting!, coming!])).toBe('11');
        expect(await trim(0, 100, after(CONTRACT_NOW, 24 * HOUR))).toBe(2);
      });

      it('spares a client whose device waits for its person', async () => {
        const [waiting] = await shareds(1);
        await givenDevice(fixture, { ...(await givenParties(fixture)), client: waiting! });
        expect(await trim(0, 100, after(CONTRACT_NOW, 599))).toBe(0);
        expect(await left([waiting!])).toBe('1');
        expect(await trim(0, 100, after(CONTRACT_NOW, 24 * HOUR))).toBe(1);
      });

      it('spares disabled clients, clients of an operator, and those an initial access token vouched for', async () => {
        const disabled = await shared();
        await fixture.disableClient(disabled.id);
        const { client: invited } = await givenAuthorization(fixture);
        const hash = anyHash();
        await fixture.initialAccessTokens.create(
          {
            id: randomUUID(),
            hash,
            label: 'x',
            usesLeft: 1,
            createdAt: CONTRACT_NOW,
            expiresAt: after(CONTRACT_NOW, HOUR),
          },
          { type: 'initial_access_token.created', at: CONTRACT_NOW },
        );
        const vouched = aClient();
        await fixture.registrations.admit(
          { client: vouched, managementToken: anyHash(), initialAccessToken: hash },
          registered(vouched),
          CONTRACT_NOW,
        );
        const { client: takenOver } = await managed({ origin: 'pre-registered' });
        expect(await trim(0)).toBe(0);
        expect(await left([disabled, invited, vouched, takenOver])).toBe('1111');
      });
    });
  });
}
