import { GuardedDocumentSource, GuardedFetch } from '@gatehouse/guarded-fetch';
import { TestDocuments } from '@gatehouse/authorization-server/testing';
import { networkKey, requestingNetwork } from '@gatehouse/platform';
import { SystemClock } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { TrialClient, codeFor, toConsent } from './testing/client.js';
import { type DocumentServer, startDocumentServer } from '@gatehouse/test-kit';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

const ISSUER = 'http://127.0.0.1:4000';
const fetched = (loopbackFor?: string) =>
  new GuardedDocumentSource(
    new GuardedFetch({ clock: new SystemClock(), ...(loopbackFor === undefined ? {} : { loopbackFor }) }),
  );

describe('a client that publishes a metadata document', () => {
  let server: TrialServer;
  let documents: DocumentServer;
  const start = (settings: Readonly<Record<string, string>>) =>
    startTrialServer({ CLIENT_DOCUMENTS_FROM_LOOPBACK: 'on', ...settings }, fetched(ISSUER));
  const clientAt = (id: string, on = server) => new TrialClient(on.app, id);
  const metadata = async (of: TrialServer): Promise<Record<string, unknown>> =>
    (await of.app.inject('/.well-known/oauth-authorization-server')).json();
  const refused = async (id: string, on = server) => {
    const page = await new Browser(on.app).get(clientAt(id, on).authorizePath());
    const reason = on.log.findLast((line) => line.includes('"reason"'));
    return [page.status, page.location, /"reason":"([^"]+)"/.exec(reason ?? '')?.[1]];
  };

  beforeAll(async () => {
    documents = await startDocumentServer();
    server = await start({});
  });
  afterAll(async () => {
    await server.close();
    await documents.close();
  });

  it('is announced as welcome (AS-09)', async () => {
    expect(await metadata(server)).toMatchObject({ client_id_metadata_document_supported: true });
  });

  it('is fetched on the account of the network that asks for it, far from its request though that is (AS-87)', async () => {
    const accounts: (string | undefined)[] = [];
    class Watched extends TestDocuments {
      override get(...of: Parameters<TestDocuments['get']>): ReturnType<TestDocuments['get']> {
        accounts.push(requestingNetwork());
        return super.get(...of);
      }
    }
    const watched = new Watched();
    const other = await startTrialServer({}, watched);
    try {
      const ids = ['a', 'b', 'c'].map((name) => watched.publish(`https://${name}.example/client.json`));
      const ask = (id: string, nth: number) =>
        nth < 2
          ? other.app.inject({ url: clientAt(id, other).authorizePath(), remoteAddress: `192.0.2.${String(nth)}` })
          : other.app.inject({
              method: 'POST',
              url: '/par',
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
              payload: `client_id=${encodeURIComponent(id)}`,
              remoteAddress: '2001:db8:1:2:3::4',
            });
      await Promise.all(ids.map(ask));
      expect(accounts.sort()).toEqual(['192.0.2.0', '192.0.2.1', networkKey('2001:db8:1:2:3::4')].sort());
    } finally {
      await other.close();
    }
  });

  it('walks the whole way with its URL as id: authorization, tokens, refresh (AS-80, AS-85)', async () => {
    const client = clientAt(documents.publish('/whole-way.json'));
    const code = await codeFor(new Browser(server.app), client);
    const tokens = (await client.redeem(code)).json<{ access_token: string; refresh_token: string }>();
    expect(tokens.access_token).toMatch(/^ey/);
    const refreshed = await client.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
    expect(refreshed.statusCode).toBe(200);
    expect(documents.asked.filter((path) => path === '/whole-way.json')).toHaveLength(1);
  });

  it('is shown with the host that publishes it, as unverified, without a picture from elsewhere (AS-94, AS-95)', async () => {
    const logo_uri = `${documents.origin}/logo.png`;
    const id = documents.publish('/shown.json', { logo_uri, client_name: 'Self-described <b>assistant</b>' });
    const consent = await toConsent(new Browser(server.app), clientAt(id));
    expect(consent.body).toContain('Self-described &lt;b>assistant&lt;/b>');
    expect(consent.body).toContain('Published by');
    expect(consent.body).toContain('127.0.0.1');
    expect(consent.body).toContain('This name is not verified');
    expect(consent.body).toContain('The answer goes to a program on this computer');
    expect(consent.body).not.toMatch(/<img|logo\.png/);
    expect(documents.asked).not.toContain('/logo.png');
  });

  it('is refused on a page, with no redirect, when its document cannot be used (AS-89, AS-96)', async () => {
    expect(await refused(`${documents.origin}/nowhere.json`)).toEqual([400, undefined, 'client_document_wrong_status']);
    const secret = documents.publish('/secret.json', { client_secret: 'hush' });
    expect(await refused(secret)).toEqual([400, undefined, 'client_document_with_secret']);
    const other = documents.publish('/other.json', { client_id: 'https://claude.example/client.json' });
    expect(await refused(other)).toEqual([400, undefined, 'client_document_of_other_client']);
    const large = documents.publish('/large.json', { filler: 'x'.repeat(6000) });
    expect(await refused(large)).toEqual([400, undefined, 'client_document_oversized']);
    expect(await refused('https://10.0.0.1/client.json')).toEqual([
      400,
      undefined,
      'client_document_forbidden_address',
    ]);
    expect(await refused('https://127.0.0.1/../client.json')).toEqual([400, undefined, 'malformed_client_id_url']);
  });

  it('is answered at the addresses of its document alone (AS-85, AS-96)', async () => {
    const client = clientAt(documents.publish('/redirects.json'));
    const page = await new Browser(server.app).get(client.authorizePath({ redirect_uri: 'https://evil.example/cb' }));
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.body).toContain('invalid_request');
  });

  it('loses the open page when its document drops the address of the answer meanwhile (AS-90)', async () => {
    const id = documents.publish('/moving.json', {}, { 'cache-control': 'max-age=60' });
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, clientAt(id));
    documents.publish('/moving.json', { redirect_uris: ['https://app.example/new'] });
    server.clock.advance(61);
    const answer = await browser.submit(consent, 'consent', { decision: 'approve' });
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    expect(server.database.audit.filter(({ clientId }) => clientId === id).map(({ type }) => type)).toEqual([
      'client.registered',
      'client.changed',
    ]);
  });

  it('has to sign as soon as its document says so, with the tokens it has already (AS-91)', async () => {
    const id = documents.publish('/signing.json', {}, { 'cache-control': 'max-age=60' });
    const client = clientAt(id);
    const code = await codeFor(new Browser(server.app), client);
    const { refresh_token } = (await client.redeem(code)).json<{ refresh_token: string }>();
    const jwks_uri = `${documents.origin}/jwks.json`;
    documents.publish('/signing.json', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri });
    server.clock.advance(61);
    const unsigned = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect([unsigned.statusCode, unsigned.json<{ error: string }>().error]).toEqual([400, 'invalid_client']);
  });

  it('is not fetched from this machine by a server that was not told so, nor by one in production (AS-86)', async () => {
    const id = documents.publish('/internal.json');
    const before = documents.asked.length;
    for (const loopbackFor of [undefined, 'https://auth.example.com']) {
      const strict = await startTrialServer({}, fetched(loopbackFor));
      expect(await refused(id, strict)).toEqual([400, undefined, 'client_document_forbidden_address']);
      await strict.close();
    }
    expect(documents.asked).toHaveLength(before);
  });

  it('gets a badge when the operator knows it, and comes alone into a house of verified clients (AS-93, AS-94)', async () => {
    const verified = await start({ CLIENT_REGISTRATION: 'verified', CLIENT_ALLOWED_DOMAINS: '127.0.0.1' });
    const known = clientAt(documents.publish('/known.json'), verified);
    const consent = await toConsent(new Browser(verified.app), known);
    expect(consent.body).toContain('Verified by your organisation');
    expect(consent.body).not.toContain('This name is not verified');
    const stranger = documents.publish('/known.json').replace('127.0.0.1', 'localhost');
    expect(await refused(stranger, verified)).toEqual([400, undefined, 'client_not_allowed']);
    const registration = await verified.app.inject({ method: 'POST', url: '/register', payload: {} });
    expect(registration.statusCode).toBe(403);
    expect(await metadata(verified)).not.toHaveProperty('registration_endpoint');
    await verified.close();
  });

  it('is neither welcome nor asked where the house is closed (AS-09, AS-93)', async () => {
    const closed = await start({ CLIENT_REGISTRATION: 'closed' });
    expect(await metadata(closed)).not.toHaveProperty('client_id_metadata_document_supported');
    const before = documents.asked.length;
    expect(await refused(documents.publish('/closed.json'), closed)).toEqual([400, undefined, 'client_not_allowed']);
    expect(documents.asked).toHaveLength(before);
    await closed.close();
  });
});
