import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { auth as authV1, UnauthorizedError as UnauthorizedErrorV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ask,
  type DocumentServer,
  LOOPBACK_CALLBACK,
  MemoryOAuthProvider,
  PageAgent,
  RecordingFetch,
  startDocumentServer,
} from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from './house.js';

describe('a client of the official SDK that publishes its metadata', () => {
  const wire = new RecordingFetch();
  const browser = new PageAgent();
  const client = new Client({ name: 'flow', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  let documents: DocumentServer;
  let id: string;
  let provider: MemoryOAuthProvider;

  beforeAll(async () => {
    documents = await startDocumentServer();
    // As desktop clients publish it: no port, for it is another one each time.
    id = documents.publish('/client.json', {
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    });
    provider = new MemoryOAuthProvider({
      name: 'SDK v2',
      redirectUri: LOOPBACK_CALLBACK,
      clientMetadataUrl: id,
      visit: async (url) => (await browser.authorize(url, { account: anna })).url,
    });
    const transport = () =>
      new StreamableHTTPClientTransport(new URL(invoices), { authProvider: provider, fetch: wire.fetch });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await provider.browse());
    await client.connect(transport());
  });
  afterAll(async () => {
    await client.close();
    await documents.close();
  });

  it('is known by its URL and registers nowhere (AS-80, CL-06)', () => {
    expect(provider.visited[0]?.searchParams.get('client_id')).toBe(id);
    expect(wire.find(({ url }) => url.endsWith('/register'))).toEqual([]);
    expect(documents.asked).toEqual(['/client.json']);
  });

  it('calls tools, refreshes, and its document is not asked for at each step (AS-88)', async () => {
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    const before = provider.tokens()?.refresh_token;
    await expect(auth(provider, { serverUrl: invoices, fetchFn: wire.fetch })).resolves.toBe('AUTHORIZED');
    expect(provider.tokens()?.refresh_token).not.toBe(before);
    expect(documents.asked).toEqual(['/client.json']);
  });
});

describe('a client of the official SDK v1 that publishes its metadata', () => {
  it('is known by its URL, registers nowhere, calls tools and refreshes (AS-80, CL-06)', async () => {
    const documents = await startDocumentServer();
    const wire = new RecordingFetch();
    const browser = new PageAgent();
    const id = documents.publish('/v1.json', { redirect_uris: ['http://127.0.0.1/callback'] });
    const provider = new MemoryOAuthProvider({
      name: 'SDK v1',
      redirectUri: LOOPBACK_CALLBACK,
      clientMetadataUrl: id,
      visit: async (url) => (await browser.authorize(url, { account: anna })).url,
    });
    const client = new ClientV1({ name: 'flow', version: '1' });
    try {
      const transport = () => new TransportV1(new URL(invoices), { authProvider: provider, fetch: wire.fetch });
      const first = transport();
      await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedErrorV1);
      await first.finishAuth((await provider.browse()).get('code') ?? '');
      await client.connect(transport());
      expect(provider.visited[0]?.searchParams.get('client_id')).toBe(id);
      expect(wire.find(({ url }) => url.endsWith('/register'))).toEqual([]);
      expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
      const before = provider.tokens()?.refresh_token;
      await expect(authV1(provider, { serverUrl: invoices, fetchFn: wire.fetch })).resolves.toBe('AUTHORIZED');
      expect(provider.tokens()?.refresh_token).not.toBe(before);
    } finally {
      await client.close();
      await documents.close();
    }
  });
});

describe('a document of somebody else', () => {
  let documents: DocumentServer;
  beforeAll(async () => {
    documents = await startDocumentServer();
  });
  afterAll(() => documents.close());

  const authorize = (client_id: string) => {
    const query = new URLSearchParams({
      client_id,
      redirect_uri: 'https://evil.example/cb',
      response_type: 'code',
      state: 'x',
    });
    return ask(`${house.issuer}/authorize?${query.toString()}`);
  };

  it('ends on a page and never in a redirect, whatever is wrong with it (AS-83, AS-84, AS-86, AS-89)', async () => {
    const redirect_uris = ['https://evil.example/cb'];
    const hostile = [
      documents.publish('/other.json', { redirect_uris, client_id: `${documents.origin}/client.json` }),
      documents.publish('/secret.json', { redirect_uris, client_secret: 'hush' }),
      documents.publish('/large.json', { redirect_uris, filler: 'x'.repeat(6_000) }),
      documents.publish('/page.json', { redirect_uris }, { 'content-type': 'text/html' }),
      `${documents.origin}/nowhere.json`,
      `${documents.origin}/a/../client.json`,
      'https://169.254.169.254/latest/meta-data/',
      'https://[::ffff:10.0.0.1]/client.json',
      'https://2130706433/client.json',
      'https://metadata.google.internal/client.json',
    ];
    for (const id of hostile) {
      const page = await authorize(id);
      expect([id, page.status, page.header('location')]).toEqual([id, 400, undefined]);
      expect(page.text).toContain('invalid_client');
    }
    expect((await ask(`${stack.issuer}/health/ready`)).status).toBe(200);
  });
});
