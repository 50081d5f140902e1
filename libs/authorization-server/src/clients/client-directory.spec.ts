import type { ClientId } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import { Quarantine } from '../registration/quarantine.js';
import { DEFAULT_SERVER_POLICY } from '../server-policy.js';
import { consentKey } from '../testing/memory-database.js';
import { memoryStores } from '../testing/store-fixture.js';
import { aClient, aResource } from '../testing/store-seeds.js';
import { documentAnswer, TestDocuments } from '../testing/test-documents.js';
import { ClientDirectory } from './client-directory.js';
import { type ClientTrustPolicy, OPEN_TO_ALL } from './client-trust.js';
import { DOCUMENT_AGE } from './documents/document-age.js';

const ID = 'https://app.example.com/client.json' as ClientId;
const KEYED = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example.com/jwks.json' };

function house(trust: ClientTrustPolicy = OPEN_TO_ALL) {
  const { database, clients, registrations } = memoryStores();
  const clock = new StoppedClock();
  const quarantine = new Quarantine({ policy: DEFAULT_SERVER_POLICY, clock, registrations });
  const documents = new TestDocuments();
  const replica = () =>
    new ClientDirectory({ clients, documents, trust, policy: DEFAULT_SERVER_POLICY, clock, quarantine });
  const directory = replica();
  const events = () => database.audit.map(({ type, detail }) => [type, detail] as const);
  /** A consent for this client, and whether it is still there. */
  const consent = () => {
    const given = {
      accountId: database.addAccount(),
      clientId: ID,
      resource: aResource().identifier,
      scopes: ['invoices:read'],
      grantedAt: clock.now(),
    };
    database.consents.set(consentKey(given), given);
    return () => database.consents.has(consentKey(given));
  };
  return { database, clients, registrations, quarantine, clock, documents, directory, replica, events, consent };
}

const refusal = (reason: string, code = 'invalid_client') => expect.objectContaining({ code, reason });

describe('a client with a metadata document', () => {
  it('is fetched when it first asks for authorization, recorded, and known to every replica (AS-80)', async () => {
    const { documents, directory, replica, events } = house();
    documents.publish(ID);
    const client = await directory.current(ID);
    expect(client).toMatchObject({ id: ID, origin: 'metadata-document', name: 'Ledger assistant', authMethod: 'none' });
    expect(await replica().current(ID)).toEqual(client);
    expect(await replica().find(ID)).toEqual(client);
    expect(documents.asked).toEqual([{ id: ID }]);
    const detail = { origin: 'metadata-document', applicationType: 'native', authMethod: 'none' };
    expect(events()).toEqual([['client.registered', detail]]);
  });

  it('is recorded as assumed to be public when it does not say how it authenticates (C-07)', async () => {
    const { documents, directory, events } = house();
    documents.publish(ID, { token_endpoint_auth_method: undefined });
    await directory.current(ID);
    expect(events()[0]?.[1]).toMatchObject({ authMethod: 'none', authMethodAssumed: true });
  });

  it('is fetched by nobody but the authorization endpoint: no token request makes this server call a stranger', async () => {
    const { documents, directory } = house();
    documents.publish(ID);
    expect(await directory.find(ID)).toBeUndefined();
    expect(documents.asked).toEqual([]);
  });

  it('is fetched once for many who ask at the same time', async () => {
    const { documents, directory } = house();
    documents.publish(ID);
    await Promise.all(Array.from({ length: 20 }, () => directory.current(ID)));
    expect(documents.asked).toHaveLength(1);
  });

  it('is fetched again when its copy has expired, by its etag (AS-88)', async () => {
    const { documents, directory, clock, events } = house();
    documents.publish(ID, {}, { cacheControl: 'max-age=600', etag: '"v1"' });
    await directory.current(ID);
    clock.advance(599);
    await directory.current(ID);
    expect(documents.asked).toHaveLength(1);
    clock.advance(1);
    const again = await directory.current(ID);
    expect(documents.asked).toEqual([{ id: ID }, { id: ID, etag: '"v1"' }]);
    expect(again.document).toEqual({
      fetchedAt: clock.now(),
      expiresAt: new Date(clock.now().getTime() + 600_000),
      etag: '"v1"',
    });
    await directory.current(ID);
    expect(documents.asked).toHaveLength(2);
    expect(events()).toHaveLength(1);
  });

  it('is not kept long when its host forbids it, and not for ever when its host wants it (AS-88)', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID, {}, { cacheControl: 'no-store' });
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.least);
    documents.publish(ID, {}, { cacheControl: 'max-age=99999999' });
    await directory.current(ID);
    expect(documents.asked).toHaveLength(2);
    clock.advance(DOCUMENT_AGE.most);
    await directory.current(ID);
    expect(documents.asked).toHaveLength(3);
  });

  it('is fetched again at once when the copy does not fit a request, but no more often than the least age (AS-88)', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID, {}, { cacheControl: 'max-age=3600' });
    await directory.current(ID);
    documents.publish(ID, { redirect_uris: ['https://app.example.com/new'] });
    const fits = ({ redirectUris }: { redirectUris: readonly string[] }) =>
      redirectUris.includes('https://app.example.com/new');
    expect(fits(await directory.current(ID, fits))).toBe(false);
    clock.advance(DOCUMENT_AGE.least);
    expect(fits(await directory.current(ID, fits))).toBe(true);
    expect(documents.asked).toHaveLength(2);
  });

  it.each([
    'https://app.example.com',
    'https://app.example.com/a/../client.json',
    'https://me@app.example.com/client.json',
    'https://app.example.com/client.json#x',
    'http://app.example.com/client.json',
    'HTTPS://app.example.com/client.json',
  ])('is not fetched by the id %s (AS-81)', async (id) => {
    const { documents, directory } = house();
    await expect(directory.current(id as ClientId)).rejects.toEqual(refusal('malformed_client_id_url'));
    expect(documents.asked).toEqual([]);
  });
});

describe('a document that cannot be had', () => {
  it('ends the authorization, and nothing of it is kept: the next one succeeds (AS-88, AS-89)', async () => {
    const { documents, directory, database } = house();
    documents.published.set(ID, documentAnswer('', { status: 500, cacheControl: 'max-age=3600' }));
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_document_wrong_status'));
    documents.publish(ID, { client_id: 'https://other.example/c.json' });
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_document_of_other_client'));
    expect(database.clients.size).toBe(0);
    documents.publish(ID);
    await expect(directory.current(ID)).resolves.toMatchObject({ id: ID });
  });

  it.each(['client_document_unreachable', 'client_document_forbidden_address', 'client_document_oversized'] as const)(
    'says to the log why: %s (AS-96)',
    async (reason) => {
      const { documents, directory } = house();
      documents.fail(ID, reason);
      await expect(directory.current(ID)).rejects.toEqual(refusal(reason));
    },
  );

  it("for want of a place is our trouble, not the client's", async () => {
    const { documents, directory } = house();
    documents.fail(ID, 'client_documents_busy');
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_documents_busy', 'temporarily_unavailable'));
  });

  it('for want of a place does not shut out a client that was here today (AS-87)', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID);
    const client = await directory.current(ID);
    documents.fail(ID, 'client_documents_busy');
    clock.advance(DOCUMENT_AGE.usual);
    expect(await directory.current(ID)).toEqual(client);
    clock.advance(DOCUMENT_AGE.most);
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_documents_busy', 'temporarily_unavailable'));
  });

  it('does not leave an old copy in its place at the authorization endpoint (AS-89)', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.most);
    documents.fail(ID);
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_document_unreachable'));
  });

  it('does not end what people agreed to before: the old copy counts at other requests, for a week', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID);
    const client = await directory.current(ID);
    clock.advance(DOCUMENT_AGE.usual + 1);
    documents.fail(ID);
    expect(await directory.find(ID)).toEqual(client);
    expect(directory.problem(client)).toBeUndefined();
    clock.advance(DOCUMENT_AGE.stale);
    expect(directory.problem(client)).toBe('client_document_outdated');
    expect(await directory.find(ID)).toEqual(client);
    documents.publish(ID);
    expect(directory.problem(await directory.current(ID))).toBeUndefined();
  });

  it('is not asked for again at every token request', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.usual);
    documents.fail(ID);
    for (let count = 0; count < 5; count += 1) await directory.find(ID);
    expect(documents.asked).toHaveLength(2);
    clock.advance(DOCUMENT_AGE.pause);
    documents.publish(ID, KEYED);
    expect((await directory.find(ID))?.authMethod).toBe('private_key_jwt');
    expect(documents.asked).toHaveLength(3);
  });

  it('that answers "not modified" to nobody\'s question is no document (AS-82)', async () => {
    const { documents, directory, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.usual);
    documents.published.set(ID, documentAnswer('', { status: 304 }));
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_document_wrong_status'));
  });
});

describe('a document that changed', () => {
  it.each<[string, object, object]>([
    ['redirect URIs', { redirect_uris: ['https://app.example.com/cb'] }, { redirectUris: true }],
    ['name', { client_name: 'Bank' }, { name: true }],
    ['authentication and keys', KEYED, { authMethod: true, keys: true }],
  ])('in its %s takes the consents with it, and is recorded (AS-90)', async (_, change, detail) => {
    const { documents, directory, clock, events, consent } = house();
    documents.publish(ID);
    await directory.current(ID);
    const isThere = consent();
    clock.advance(DOCUMENT_AGE.usual);
    documents.publish(ID, change);
    await directory.current(ID);
    expect(isThere()).toBe(false);
    expect(events().at(-1)).toEqual(['client.changed', detail]);
  });

  it('in nothing that matters leaves consents alone', async () => {
    const { documents, directory, clock, events, consent } = house();
    documents.publish(ID);
    await directory.current(ID);
    const isThere = consent();
    clock.advance(DOCUMENT_AGE.usual);
    documents.publish(ID, { software_version: '2', logo_uri: 'https://app.example.com/new.png' });
    expect((await directory.current(ID)).softwareVersion).toBe('2');
    expect(isThere()).toBe(true);
    expect(events()).toHaveLength(1);
  });

  it('is recorded once though several replicas see it (AS-90)', async () => {
    const { documents, directory, replica, clock, events } = house();
    documents.publish(ID);
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.usual);
    documents.publish(ID, { client_name: 'Bank' });
    const seen = await Promise.all([directory, replica(), replica()].map((each) => each.current(ID)));
    expect(seen.map(({ name }) => name)).toEqual(['Bank', 'Bank', 'Bank']);
    expect(events().map(([type]) => type)).toEqual(['client.registered', 'client.changed']);
  });
});

describe('a client that may not come', () => {
  it('because it was disabled is not asked for its document either', async () => {
    const { documents, directory, database, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    database.disableClient(ID, clock.now());
    clock.advance(DOCUMENT_AGE.most);
    await expect(directory.current(ID)).rejects.toEqual(refusal('disabled_client'));
    expect(directory.problem((await directory.find(ID))!)).toBe('disabled_client');
    expect(documents.asked).toHaveLength(1);
  });

  it('because the house is closed, or its host is shut out, is not even asked (AS-93)', async () => {
    const denied = { ...OPEN_TO_ALL, denied: { domains: ['app.example.com'], clients: [] } };
    for (const trust of [{ ...OPEN_TO_ALL, registration: 'closed' } as const, denied]) {
      const { documents, directory } = house(trust);
      documents.publish(ID);
      await expect(directory.current(ID)).rejects.toEqual(refusal('client_not_allowed'));
      expect(documents.asked).toEqual([]);
    }
  });

  it('because of where it wants its answers is refused though its document is good', async () => {
    const { documents, directory } = house({ ...OPEN_TO_ALL, denied: { domains: ['evil.example'], clients: [] } });
    documents.publish(ID, { redirect_uris: ['https://evil.example/cb'] });
    await expect(directory.current(ID)).rejects.toEqual(refusal('client_not_allowed'));
  });

  it('since the house was closed is refused with what it was granted before, also when it was registered', async () => {
    const { clients, documents, clock, quarantine } = house();
    documents.publish(ID);
    const by = { clients, documents, policy: DEFAULT_SERVER_POLICY, clock, quarantine };
    await new ClientDirectory({ ...by, trust: OPEN_TO_ALL }).current(ID);
    const dynamic = aClient();
    await clients.register(dynamic, { type: 'client.registered', at: clock.now() });
    const closed = new ClientDirectory({ ...by, trust: { ...OPEN_TO_ALL, registration: 'closed' } });
    for (const id of [ID, dynamic.id]) expect(closed.problem((await closed.find(id))!)).toBe('client_not_allowed');
    await expect(closed.current(dynamic.id)).rejects.toEqual(refusal('client_not_allowed'));
  });

  it('because nobody knows it is unknown', async () => {
    const { directory } = house();
    await expect(directory.current('c_unknown' as ClientId)).rejects.toEqual(refusal('unknown_client'));
    expect(await directory.find('c_unknown' as ClientId)).toBeUndefined();
  });
});

describe('an invited client', () => {
  it('comes in without a fetch, in every house', async () => {
    const { clients, documents, clock, quarantine } = house();
    const invited = aClient({ origin: 'pre-registered' });
    await clients.register(invited, { type: 'client.registered', at: clock.now() });
    for (const registration of ['open', 'verified', 'closed'] as const) {
      const trust = { ...OPEN_TO_ALL, registration };
      const directory = new ClientDirectory({
        clients,
        documents,
        trust,
        policy: DEFAULT_SERVER_POLICY,
        clock,
        quarantine,
      });
      expect(await directory.current(invited.id)).toEqual(invited);
      expect(directory.isVerified(invited)).toBe(true);
    }
    expect(documents.asked).toEqual([]);
  });
});

describe('a client whose document was fetched and that was never used (AS-104)', () => {
  const other = (site: string, n: number) => `https://h${String(n)}.${site}/client.json` as ClientId;

  it('is in quarantine until its first token, like one that registered', async () => {
    const { database, documents, directory, registrations, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    expect(database.registrations.get(ID)?.unusedSince).toEqual(clock.now());
    expect(await registrations.trim(0, 10, clock.now())).toBe(1);
    expect(await directory.find(ID)).toBeUndefined();
    await expect(directory.current(ID)).resolves.toMatchObject({ id: ID });
  });

  it('is pushed out by others of its own site first, whatever number of hosts a flooder gives himself', async () => {
    const { documents, directory, registrations, clock, database } = house();
    documents.publish(ID);
    await directory.current(ID);
    for (let n = 0; n < 20; n += 1) {
      clock.advance(1);
      documents.publish(other('flood.example', n));
      await directory.current(other('flood.example', n));
    }
    expect(await registrations.trim(5, 100, clock.now())).toBe(16);
    expect(database.clients.has(ID)).toBe(true);
    expect(database.clients.has(other('flood.example', 19))).toBe(true);
    expect(database.clients.has(other('flood.example', 0))).toBe(false);
  });

  it('comes back as new when it was reaped while its document was renewed', async () => {
    const { database, clients, documents, directory, registrations, clock } = house();
    documents.publish(ID);
    await directory.current(ID);
    clock.advance(DOCUMENT_AGE.usual + 1);
    const renew = clients.renew.bind(clients);
    clients.renew = async (...of) => {
      await registrations.trim(0, 10, clock.now());
      return renew(...of);
    };
    await expect(directory.current(ID)).resolves.toMatchObject({ id: ID, createdAt: clock.now() });
    expect(database.clients.has(ID)).toBe(true);
  });
});
