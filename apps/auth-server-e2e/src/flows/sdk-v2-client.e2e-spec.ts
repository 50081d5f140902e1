import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  auth,
  Client,
  type IssuerMismatchError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { protectedResourceMetadataUrl } from '@gatehouse/metadata';
import {
  ask,
  LOOPBACK_CALLBACK,
  McpRaw,
  MemoryOAuthProvider,
  PageAgent,
  readChallenge,
  RecordingFetch,
} from '@gatehouse/test-kit';
import { anna, expenses, invoices, stack } from './house.js';
import { NEW_INVOICE } from './new-invoice.js';

/** One client of the official SDK v2 with its own browser. */
function newClient(visit?: (url: string) => Promise<string>) {
  const wire = new RecordingFetch();
  const browser = new PageAgent();
  const provider = new MemoryOAuthProvider({
    name: 'SDK v2',
    redirectUri: LOOPBACK_CALLBACK,
    visit: visit ?? (async (url) => (await browser.authorize(url, { account: anna })).url),
  });
  const client = new Client({ name: 'flow', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(invoices), { authProvider: provider, fetch: wire.fetch });
  return { wire, browser, provider, client, transport };
}

const isCall = (method: string) => (exchange: { requestBody: string }) =>
  exchange.requestBody.includes(`"method":"${method}"`);

describe('the official SDK v2 client', () => {
  const { wire, provider, client, transport } = newClient();
  let connection: StreamableHTTPClientTransport;

  beforeAll(async () => {
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await provider.browse());
    connection = transport();
    await client.connect(connection);
  });
  afterAll(() => client.close());

  it('finds the authorization server from the challenge (CL-01, RS-02, RS-03)', () => {
    const refused = wire.exchanges[0]!;
    expect(refused.status).toBe(401);
    const challenge = readChallenge(refused.responseHeaders.get('www-authenticate'));
    expect(challenge.parameters).toEqual({
      resource_metadata: protectedResourceMetadataUrl(invoices),
      scope: 'invoices:read',
    });
    expect(wire.exchanges[1]?.url).toBe(protectedResourceMetadataUrl(invoices));
  });

  it('registers itself as a native client (CL-06, CL-08)', () => {
    const registration = wire.last('a registration', ({ url }) => url.endsWith('/register'));
    expect(registration.status).toBe(201);
    expect(JSON.parse(registration.requestBody)).toMatchObject({ application_type: 'native' });
    expect(JSON.parse(registration.responseBody)).toMatchObject({
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [LOOPBACK_CALLBACK],
    });
  });

  it('asks with PKCE, resource, state and the scope of the challenge (CL-20, CL-21, CL-23, CL-24)', () => {
    const sent = provider.visited[0]!.searchParams;
    expect(sent.get('code_challenge_method')).toBe('S256');
    expect(sent.get('resource')).toBe(invoices);
    expect(sent.get('scope')).toBe('invoices:read');
    const redeemed = new URLSearchParams(wire.last('a token request', ({ url }) => url.endsWith('/token')).requestBody);
    expect(redeemed.get('resource')).toBe(invoices);
    expect(redeemed.has('code_verifier')).toBe(true);
  });

  it('lists and calls tools in revision 2026-07-28 with the token in the header (CL-40, CL-45)', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['list_invoices', 'refund_invoice']));
    const result = await client.callTool({ name: 'list_invoices', arguments: {} });
    expect(result.isError).not.toBe(true);
    const call = wire.last('the call', isCall('tools/call'));
    expect(call.status).toBe(200);
    expect(call.requestHeaders.get('mcp-protocol-version')).toBe('2026-07-28');
    expect(call.requestHeaders.get('mcp-name')).toBe('list_invoices');
    expect(call.requestHeaders.get('authorization')).toMatch(/^Bearer ey/);
    for (const { url } of wire.exchanges) expect(url).not.toMatch(/access_token|ey[A-Za-z0-9_-]{20}/);
  });

  it('steps up with the union of scopes and then succeeds (CL-25, RS-24)', async () => {
    const call = () =>
      client.callTool({
        name: 'create_invoice',
        arguments: NEW_INVOICE,
      });
    await expect(call()).rejects.toBeInstanceOf(UnauthorizedError);
    const refused = wire.last('the refused call', isCall('tools/call'));
    expect(refused.status).toBe(403);
    expect(readChallenge(refused.responseHeaders.get('www-authenticate')).parameters).toMatchObject({
      error: 'insufficient_scope',
      scope: 'invoices:write',
      resource_metadata: protectedResourceMetadataUrl(invoices),
    });
    expect(provider.visited.at(-1)?.searchParams.get('scope')).toBe('invoices:read invoices:write');
    await connection.finishAuth(await provider.browse());
    expect(provider.tokens()?.scope?.split(' ').sort()).toEqual(['invoices:read', 'invoices:write']);
    expect((await call()).isError).not.toBe(true);
  });

  it('refreshes when asked, and the new token works (AS-62)', async () => {
    const before = provider.tokens();
    await expect(auth(provider, { serverUrl: invoices, fetchFn: wire.fetch })).resolves.toBe('AUTHORIZED');
    expect(provider.tokens()?.refresh_token).not.toBe(before?.refresh_token);
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
  });

  it('gets a token that the sibling resource refuses (CL-41, RS-42)', async () => {
    const token = provider.tokens()!.access_token;
    expect((await new McpRaw(invoices).modern('tools/list', { token })).status).toBe(200);
    const foreign = await new McpRaw(expenses).modern('tools/list', { token });
    expect(foreign.status).toBe(401);
    expect(readChallenge(foreign.header('www-authenticate')).parameters['error']).toBe('invalid_token');
  });
});

describe('the official SDK v2 client on a hostile or broken way', () => {
  const replaceJson = (fits: string, change: Record<string, unknown>) => async (url: string, response: Response) =>
    url.includes(fits)
      ? Response.json({ ...((await response.json()) as Record<string, unknown>), ...change })
      : response;

  it('stops when the metadata names another issuer (CL-03)', async () => {
    const { wire, provider, client, transport } = newClient();
    wire.intercept = replaceJson('/.well-known/o', { issuer: 'https://evil.example' });
    await expect(client.connect(transport())).rejects.toThrow(/issuer/i);
    expect(provider.visited).toEqual([]);
  });

  it('stops when the resource metadata describes another resource (CL-04)', async () => {
    const { wire, provider, client, transport } = newClient();
    wire.intercept = replaceJson('oauth-protected-resource', { resource: 'https://evil.example/mcp' });
    await expect(client.connect(transport())).rejects.toThrow();
    expect(provider.visited).toEqual([]);
  });

  it('gets on with the OpenID document when the first one is missing (CL-02, AS-04)', async () => {
    const { wire, provider, client, transport } = newClient();
    wire.intercept = (url, response) =>
      url.includes('oauth-authorization-server') ? new Response('', { status: 404 }) : response;
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await provider.browse());
    await client.connect(transport());
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
  });

  it('does not send a code when iss is another issuer (CL-22)', async () => {
    const browser = new PageAgent();
    const { wire, provider, client, transport } = newClient(async (url) => {
      const callback = new URL((await browser.authorize(url, { account: anna })).url);
      expect(callback.searchParams.get('iss')).toBe(stack.issuer);
      callback.searchParams.set('iss', 'https://evil.example');
      return callback.href;
    });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await expect(first.finishAuth(await provider.browse())).rejects.toMatchObject({
      name: 'IssuerMismatchError',
    } satisfies Partial<IssuerMismatchError>);
    expect(wire.find(({ url }) => url.endsWith('/token'))).toEqual([]);
  });

  it('is refused in the browser without harm: access_denied comes back with state and iss', async () => {
    const browser = new PageAgent();
    const seen: URL[] = [];
    const { provider, client, transport } = newClient(async (url) => {
      const callback = await browser.authorize(url, { account: anna, approve: false });
      seen.push(new URL(callback.url));
      return callback.url;
    });
    await expect(client.connect(transport())).rejects.toBeInstanceOf(UnauthorizedError);
    await expect(provider.browse()).rejects.toThrow('refused: access_denied');
    expect(seen[0]?.searchParams.get('error')).toBe('access_denied');
    expect(seen[0]?.searchParams.get('iss')).toBe(stack.issuer);
    expect((await ask(`${stack.issuer}/health/live`)).status).toBe(200);
  });
});
