import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ask, LEGACY, McpRaw, rpcOf } from '@gatehouse/test-kit';
import { signals, startTestServer, type TestServer } from '../testing/index.js';

let server: TestServer;
let notes: McpRaw;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  notes = new McpRaw(server.notes);
});
afterAll(() => server.close());
beforeEach(async () => {
  signals.runs = [];
  token = await server.token();
});

const call = (name: string, id = 1): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: { id: 'of-a-1', text: 'x' } },
});

describe('clients of 2025-11-25', () => {
  it.each([
    ['v1', () => [new ClientV1({ name: 't', version: '1' }), TransportV1] as const],
    ['v2', () => [new Client({ name: 't', version: '1' }), StreamableHTTPClientTransport] as const],
  ])('the official client %s initializes, lists and calls', async (_, make) => {
    const [client, Transport] = make();
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new Transport(new URL(server.notes), { requestInit }));
    expect((await client.listTools()).tools).toHaveLength(5);
    expect(await client.callTool({ name: 'read_note', arguments: { id: 'of-a-1' } })).toMatchObject({
      structuredContent: { id: 'of-a-1' },
    });
    await client.close();
  });

  it('RS-78: gets no session, and one that it brings is worth nothing', async () => {
    const initialize = {
      params: { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    const answer = await notes.legacy('initialize', { token, ...initialize });
    expect([answer.status, answer.header('mcp-session-id')]).toEqual([200, undefined]);
    expect(rpcOf(answer).result).toMatchObject({ protocolVersion: LEGACY });
    expect((await notes.legacy('tools/list', { headers: { 'mcp-session-id': 'x' } })).status).toBe(401);
    const other = await server.token({ sub: 'a-2' });
    const read = await notes.legacy('tools/call', {
      token: other,
      params: { name: 'read_note', arguments: { id: 'of-a-1' } },
      headers: { 'mcp-session-id': 'of-a-1' },
    });
    expect(rpcOf(read).result).toMatchObject({ isError: true });
  });

  it('RS-79: cannot get past the scopes of a tool by looking old', async () => {
    const answer = await notes.legacy('tools/call', { token, params: { name: 'replace_note', arguments: {} } });
    expect(answer.status).toBe(403);
    expect(signals.runs).toEqual([]);
  });

  it('RS-79: cannot lie to a gateway that reads the headers', async () => {
    const params = { name: 'read_note', arguments: { id: 'of-a-1' } };
    for (const headers of [{ 'mcp-name': 'replace_note' }, { 'mcp-method': 'tools/list' }, { 'mcp-name': '' }]) {
      const answer = await notes.legacy('tools/call', { token, params, headers, id: 7 });
      expect([headers, answer.status]).toEqual([headers, 400]);
      expect(rpcOf(answer)).toMatchObject({ id: 7, error: { code: -32020 } });
    }
    expect(signals.runs).toEqual([]);
    const honest = { 'mcp-method': 'tools/call', 'mcp-name': 'read_note' };
    expect((await notes.legacy('tools/call', { token, params, headers: honest })).status).toBe(200);
  });

  it('RS-79: cannot hide a call in a batch', async () => {
    const send = (messages: readonly object[], headers: object = {}) =>
      ask(server.notes, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: JSON.stringify(messages),
      });
    expect((await send([call('read_note'), call('replace_note', 2)])).status).toBe(403);
    expect((await send([call('read_note')], { 'mcp-name': 'replace_note' })).status).toBe(400);
    const modern = {
      ...call('read_note'),
      params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
    };
    expect((await send([modern])).status).toBe(400);
    expect(signals.runs).toEqual([]);
    expect((await send([call('read_note'), call('read_note', 2)])).status).toBe(200);
    expect(signals.runs).toEqual(['read_note', 'read_note']);
  });

  it('is not let decide and log a batch without end', async () => {
    const send = (count: number) =>
      ask(server.notes, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify(Array.from({ length: count }, (_, index) => call('read_note', index))),
      });
    const lines = server.log().length;
    const answer = await send(101);
    expect([answer.status, rpcOf(answer)]).toMatchObject([400, { error: { code: -32600 } }]);
    expect(server.log().slice(lines)).not.toContainEqual(expect.objectContaining({ event: 'tool.allowed' }));
    expect(signals.runs).toEqual([]);
    expect((await send(100)).status).toBe(200);
    expect(signals.runs).toHaveLength(100);
  });

  it('RS-60: has no stream to open and no session to end', async () => {
    const headers = { authorization: `Bearer ${token}`, 'mcp-protocol-version': LEGACY, 'mcp-session-id': 'x' };
    for (const method of ['GET', 'DELETE']) expect((await ask(server.notes, { method, headers })).status).toBe(405);
  });
});
