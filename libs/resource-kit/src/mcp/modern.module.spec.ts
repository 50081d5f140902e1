import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ask, McpRaw, MODERN, pause, rpcOf } from '@gatehouse/test-kit';
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
  signals.aborted = 0;
  token = await server.token();
});

const meta = (version: unknown = MODERN): Record<string, unknown> => ({
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
});

describe('the official client, 2026-07-28', () => {
  it('discovers, lists and calls', async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: MODERN } } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(server.notes), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    expect(client.getInstructions()).toBe('Notes of the person who calls.');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['read_note', 'replace_note', 'break_down', 'wait', 'seal_note']);
    const result = await client.callTool({ name: 'read_note', arguments: { id: 'of-a-1' } });
    expect(result).toMatchObject({ structuredContent: { id: 'of-a-1', owner: 'a-1' } });
    await client.close();
  });
});

describe('Streamable HTTP 2026-07-28', () => {
  it('RS-60: takes POST only', async () => {
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    for (const method of ['GET', 'DELETE']) {
      const answer = await ask(server.notes, { method, headers });
      expect([answer.status, answer.header('allow')]).toEqual([405, 'POST']);
    }
    expect((await ask(server.notes, { method: 'PUT', headers })).status).toBe(404);
  });

  it('RS-62: neither makes nor minds a session', async () => {
    const headers = { 'mcp-session-id': 'stolen', 'last-event-id': '7' };
    const answer = await notes.modern('tools/list', { token, headers });
    expect([answer.status, answer.header('mcp-session-id')]).toEqual([200, undefined]);
  });

  it('RS-63: refuses a request that does not say its version and capabilities itself', async () => {
    for (const incomplete of [
      { 'io.modelcontextprotocol/protocolVersion': MODERN },
      { 'io.modelcontextprotocol/clientCapabilities': {} },
      {},
      null,
    ]) {
      const answer = await notes.modern('tools/list', { token, meta: incomplete });
      expect([answer.status, rpcOf(answer).error?.code]).toEqual([400, -32602]);
    }
    expect((await notes.modern('tools/list', { token, meta: meta() })).status).toBe(200);
  });

  it('RS-64: refuses a version header that is missing or differs from the body', async () => {
    for (const version of [undefined, '2025-11-25', '1900-01-01']) {
      const headers = { 'mcp-protocol-version': version };
      const answer = await notes.modern('tools/list', { token, headers });
      expect([version, answer.status, rpcOf(answer).error?.code]).toEqual([version, 400, -32020]);
    }
  });

  it('RS-65: names the versions it speaks to a client of another time', async () => {
    const answer = await notes.modern('tools/list', {
      token,
      meta: meta('1900-01-01'),
      headers: { 'mcp-protocol-version': '1900-01-01' },
    });
    expect(answer.status).toBe(400);
    expect(rpcOf(answer).error).toMatchObject({ code: -32022, data: { supported: [MODERN], requested: '1900-01-01' } });
  });

  it('RS-66: refuses headers that name another method or tool than the body, and starts nothing', async () => {
    const call = { token, params: { name: 'read_note', arguments: { id: 'of-a-1' } } };
    for (const headers of [
      { 'mcp-method': 'tools/list' },
      { 'mcp-method': undefined },
      { 'mcp-method': 'TOOLS/CALL' },
      { 'mcp-name': 'replace_note' },
      { 'mcp-name': undefined },
      { 'mcp-name': 'READ_NOTE' },
      { 'mcp-name': '=?base64?cmVwbGFjZV9ub3Rl?=' },
      { 'mcp-name': '=?base64?!?=' },
      { 'mcp-name': '=?base64?cmVhZF9ub3Rl' },
    ]) {
      const answer = await notes.modern('tools/call', { ...call, headers });
      expect([headers, answer.status, rpcOf(answer).error?.code]).toEqual([headers, 400, -32020]);
    }
    expect(signals.runs).toEqual([]);
    for (const headers of [{}, { 'mcp-name': '=?base64?cmVhZF9ub3Rl?=' }])
      expect((await notes.modern('tools/call', { ...call, headers })).status).toBe(200);
  });

  it('RS-68: knows what it does not know', async () => {
    const unknown = await notes.modern('no/such', { token });
    expect([unknown.status, rpcOf(unknown).error?.code]).toEqual([404, -32601]);
    const initialize = await notes.modern('initialize', { token });
    expect([initialize.status, rpcOf(initialize).error?.code]).toEqual([404, -32601]);
    const tool = await notes.call('no_such_tool', {}, { token });
    expect([tool.status, rpcOf(tool).error?.code]).toEqual([200, -32602]);
  });

  it('RS-69: answers server/discover, to those with a token', async () => {
    const answer = await notes.modern('server/discover', { token });
    const result = rpcOf(answer).result ?? {};
    expect(result['supportedVersions']).toContain(MODERN);
    expect(result['capabilities']).toEqual({ tools: { listChanged: false } });
    expect(result).toMatchObject({ ttlMs: expect.any(Number), cacheScope: 'private' });
    expect((await notes.modern('server/discover')).status).toBe(401);
  });

  it('RS-70: takes a notification without an answer', async () => {
    const answer = await ask(server.notes, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'mcp-protocol-version': MODERN,
        'mcp-method': 'notifications/cancelled',
      },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }),
    });
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('RS-70: stops a tool whose client has gone', async () => {
    const gone = new AbortController();
    const request = fetch(server.notes, {
      method: 'POST',
      signal: gone.signal,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': MODERN,
        'mcp-method': 'tools/call',
        'mcp-name': 'wait',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'wait', arguments: {}, _meta: meta() },
      }),
    });
    while (signals.runs.length === 0) await pause(5);
    gone.abort();
    await expect(request).rejects.toThrow();
    while (signals.aborted === 0) await pause(5);
    expect(signals.aborted).toBe(1);
  });

  it('RS-74: calls its lists private and forbids caches to keep answers', async () => {
    const answer = await notes.modern('tools/list', { token });
    expect(answer.header('cache-control')).toBe('no-store');
    expect(rpcOf(answer).result).toMatchObject({ cacheScope: 'private' });
  });

  it('keeps no stream open: there is nothing to subscribe to', async () => {
    const params = { notifications: { toolsListChanged: true } };
    const answer = await notes.modern('subscriptions/listen', { token, params });
    expect(rpcOf(answer).result).toMatchObject({ resultType: 'complete' });
  });
});

describe('a hostile body with a good token', () => {
  it.each([
    ['not JSON', 'garbage', 400, -32700],
    ['empty', '', 400, -32700],
    ['a string', '"x"', 400, -32600],
    ['null', 'null', 400, -32600],
    ['nested without end', `${'['.repeat(5000)}${']'.repeat(5000)}`, 400, -32700],
    [
      'nested without end in a member',
      `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`,
      400,
      -32700,
    ],
    ['an empty batch', '[]', 400, -32600],
    ['an array of junk', '[1,null,"x"]', 400, -32600],
    ['no message', '{"a":1}', 400, -32600],
    ['a bad version', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', 400, -32600],
    ['an odd id', '{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}', 400, -32600],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400, -32700],
  ])('is refused: %s', async (_, body, status, code) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await ask(server.notes, { method: 'POST', headers, body });
    expect([answer.status, rpcOf(answer).error?.code]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/ {4}at |node_modules|SyntaxError/);
  });

  it('is refused when it is not declared as JSON, or is too long', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
    expect((await ask(server.notes, { method: 'POST', headers, body: '{}' })).status).toBe(415);
    const long = await ask(server.notes, { method: 'POST', headers, body: 'x'.repeat(1024 * 1024 + 1) });
    expect([long.status, long.error]).toEqual([413, 'invalid_request']);
  });

  it('is refused when its headers have a filter before us read it as something else', async () => {
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await notes.call('read_note', { id: 'of-a-1' }, { token, headers })).status;
    for (const type of ['utf-16', '"utf-16"', 'iso-8859-1', 'utf-8; charset=utf-7', ''])
      expect([type, await statusWith({ 'content-type': `application/json; charset=${type}` })]).toEqual([type, 415]);
    for (const coding of ['gzip', 'identity, gzip', 'x'])
      expect([coding, await statusWith({ 'content-encoding': coding })]).toEqual([coding, 415]);
    expect(signals.runs).toEqual([]);
    for (const type of ['utf-8', 'UTF-8', '"utf-8"', 'utf8'])
      expect([type, await statusWith({ 'content-type': `application/json;charset=${type}` })]).toEqual([type, 200]);
    expect(await statusWith({ 'content-encoding': 'identity' })).toBe(200);
  });

  it('cannot call what every object has', async () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      const answer = await notes.call(name, {}, { token });
      expect([name, answer.status, rpcOf(answer).result]).toEqual([name, 200, undefined]);
    }
  });
});
