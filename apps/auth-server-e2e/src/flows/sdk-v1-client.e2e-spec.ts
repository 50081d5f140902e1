import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LOOPBACK_CALLBACK, MemoryOAuthProvider, PageAgent, readChallenge, RecordingFetch } from '@gatehouse/test-kit';
import { anna, invoices } from './house.js';
import { NEW_INVOICE } from './new-invoice.js';

describe('the official SDK v1 client, revision 2025-11-25', () => {
  const wire = new RecordingFetch();
  const browser = new PageAgent();
  const provider = new MemoryOAuthProvider({
    name: 'SDK v1',
    redirectUri: LOOPBACK_CALLBACK,
    visit: async (url) => (await browser.authorize(url, { account: anna })).url,
  });
  const client = new Client({ name: 'flow', version: '1' });
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(invoices), { authProvider: provider, fetch: wire.fetch });
  const finish = async (on: StreamableHTTPClientTransport) =>
    on.finishAuth((await provider.browse()).get('code') ?? '');
  let connection: StreamableHTTPClientTransport;

  beforeAll(async () => {
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await finish(first);
    connection = transport();
    await client.connect(connection);
  });
  afterAll(() => client.close());

  it('is challenged, registers, signs in and is let in (CL-01, CL-06, RS-30)', () => {
    expect(wire.exchanges[0]?.status).toBe(401);
    expect(
      readChallenge(wire.exchanges[0]!.responseHeaders.get('www-authenticate')).parameters['error'],
    ).toBeUndefined();
    expect(wire.find(({ url }) => url.endsWith('/register'))).toHaveLength(1);
    expect(client.getServerVersion()?.name).toEqual(expect.any(String));
  });

  it('lists and calls tools', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('list_invoices');
    const result = await client.callTool({ name: 'list_invoices', arguments: {} });
    expect(result.isError).not.toBe(true);
    const call = wire.last('the call', ({ requestBody }) => requestBody.includes('"tools/call"'));
    expect(call.requestHeaders.get('mcp-protocol-version')).toBe('2025-11-25');
  });

  it('refreshes on a 401 and goes on without the person (AS-62)', async () => {
    const before = provider.tokens()!;
    provider.saveTokens({ ...before, access_token: 'not.a.token' });
    const visits = provider.visited.length;
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    expect(provider.visited).toHaveLength(visits);
    expect(provider.tokens()?.refresh_token).not.toBe(before.refresh_token);
  });

  it('steps up after a 403 when the client asks for authorization instead of refreshing (CL-25)', async () => {
    // v1 refreshes whenever it can, which cannot widen a scope: a host that wants to step up puts the refresh token away.
    const { access_token, token_type, scope, issuer } = provider.tokens()!;
    provider.saveTokens({ access_token, token_type, scope, issuer });
    const call = () => client.callTool({ name: 'create_invoice', arguments: NEW_INVOICE });
    await expect(call()).rejects.toBeInstanceOf(UnauthorizedError);
    expect(provider.visited.at(-1)?.searchParams.get('scope')).toContain('invoices:write');
    await finish(connection);
    expect((await call()).isError).not.toBe(true);
  });
});
