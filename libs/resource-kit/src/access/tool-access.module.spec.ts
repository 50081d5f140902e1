import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, McpRaw, readChallenge, rpcOf } from '@gatehouse/test-kit';
import { signals, startTestServer, type TestServer } from '../testing/index.js';
import { AccessPolicy, type IntendedCall } from './access-policy.js';

class NoErasing extends AccessPolicy {
  override permits({ tool, principal }: IntendedCall): Promise<boolean> {
    return Promise.resolve(tool.name !== 'replace_note' || principal.subject !== 'a-2');
  }
}

let server: TestServer;
let notes: McpRaw;

beforeAll(async () => {
  server = await startTestServer({ policy: new NoErasing() });
  notes = new McpRaw(server.notes);
});
afterAll(() => server.close());
beforeEach(() => {
  signals.runs = [];
});

const replace = { id: 'of-a-1', text: 'x' };

describe('which tools a token opens', () => {
  it('RS-24: a call without its scopes is refused with all that the tool needs, and does not start', async () => {
    const token = await server.token({ scope: 'notes:read notes:write' });
    const answer = await notes.call('replace_note', replace, { token });
    expect(answer.status).toBe(403);
    expect(readChallenge(answer.header('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: {
        error: 'insufficient_scope',
        error_description: 'The request needs more scopes.',
        scope: 'notes:write notes:erase',
        resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/notes/mcp`,
      },
    });
    expect(signals.runs).toEqual([]);
    const enough = await server.token({ scope: 'notes:write notes:erase' });
    expect(rpcOf(await notes.call('replace_note', replace, { token: enough })).result).toMatchObject({
      content: [{ type: 'text', text: 'replaced' }],
    });
  });

  it('RS-27: a broader scope opens what a narrower one does, and not the other way round', async () => {
    const token = await server.token({ scope: 'notes:write' });
    expect((await notes.call('read_note', { id: 'of-a-1' }, { token })).status).toBe(200);
    const erase = await server.token({ scope: 'notes:erase' });
    expect((await notes.call('read_note', { id: 'of-a-1' }, { token: erase })).status).toBe(403);
  });

  it('RS-49: a token with few scopes lists every tool, and calls those it covers', async () => {
    const token = await server.token({ scope: '' });
    const listed = rpcOf(await notes.modern('tools/list', { token })).result?.['tools'];
    expect(listed).toHaveLength(5);
    expect((await notes.call('read_note', { id: 'of-a-1' }, { token })).status).toBe(403);
    const reading = await server.token({ scope: 'notes:read other:scope' });
    expect((await notes.call('read_note', { id: 'of-a-1' }, { token: reading })).status).toBe(200);
  });

  it('RS-26: a denial by policy does not send clients after scopes', async () => {
    const token = await server.token({ sub: 'a-2', scope: 'notes:write notes:erase' });
    const answer = await notes.call('replace_note', replace, { token });
    expect([answer.status, answer.error, answer.header('www-authenticate')]).toEqual([403, 'access_denied', undefined]);
    expect(signals.runs).toEqual([]);
  });

  it('RS-76: tells a caller beyond the limit when to come back, starts nothing, and leaves others alone', async () => {
    const limited = await startTestServer({ toolCallLimit: { limit: 2, window: 60 } });
    try {
      const client = new McpRaw(limited.notes);
      const call = async (sub: string): Promise<Answer> =>
        client.call('read_note', { id: `of-${sub}` }, { token: await limited.token({ sub }) });
      expect([(await call('a-1')).status, (await call('a-1')).status]).toEqual([200, 200]);
      signals.runs = [];
      const refused = await call('a-1');
      expect([refused.status, refused.error, refused.header('www-authenticate')]).toEqual([
        429,
        'too_many_requests',
        undefined,
      ]);
      expect(Number(refused.header('retry-after'))).toBeGreaterThan(50);
      expect(signals.runs).toEqual([]);
      expect((await call('a-2')).status).toBe(200);
      expect((await client.modern('tools/list', { token: await limited.token() })).status).toBe(200);
    } finally {
      await limited.close();
    }
  });

  it('RS-32: refuses callers by HTTP, not by codes of the protocol', async () => {
    const answers = [
      await notes.call('read_note', {}),
      await notes.call('read_note', {}, { token: 'bad' }),
      await notes.call('replace_note', replace, { token: await server.token() }),
    ];
    for (const answer of answers) expect(answer.text).not.toMatch(/jsonrpc|-320/);
  });
});

describe('inside a tool', () => {
  it('RS-47, RS-73: what belongs to somebody else is not found, whatever the scopes and however good the name', async () => {
    const own = await notes.call('read_note', { id: 'of-a-1' }, { token: await server.token() });
    expect(rpcOf(own).result).toMatchObject({ structuredContent: { owner: 'a-1' } });
    const other = await server.token({ sub: 'a-2', scope: 'notes:read notes:write notes:erase' });
    const foreign = rpcOf(await notes.call('read_note', { id: 'of-a-1' }, { token: other })).result;
    const missing = rpcOf(await notes.call('read_note', { id: 'no-such' }, { token: other })).result;
    expect(foreign).toEqual(missing);
    expect(foreign).toMatchObject({ isError: true, content: [{ text: 'There is no such note.' }] });
  });

  it('RS-76: input that does not fit its schema never arrives', async () => {
    const token = await server.token();
    for (const input of [
      {},
      { id: 7 },
      { id: 'x'.repeat(21) },
      { id: ['of-a-1'] },
      { id: { $ref: 'https://evil.example/' } },
    ]) {
      const { result } = rpcOf(await notes.call('read_note', input, { token }));
      expect(result).toMatchObject({ isError: true });
    }
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, index]));
    expect(rpcOf(await notes.call('read_note', { id: 'x', ...many }, { token })).result).toMatchObject({
      isError: true,
    });
    expect(signals.runs).toEqual([]);
  });

  it('a failure says nothing to the client and everything to the log', async () => {
    const answer = await notes.call('break_down', {}, { token: await server.token() });
    expect(rpcOf(answer).result).toMatchObject({ isError: true });
    expect(answer.text).not.toContain('secrets');
    expect(server.log()).toContainEqual(
      expect.objectContaining({
        event: 'tool.failed',
        tool: 'break_down',
        error: expect.objectContaining({ message: 'relation "secrets" does not exist' }),
      }),
    );
  });
});

describe('the record', () => {
  it('says who called what with whose right, and how it was decided', async () => {
    const token = await server.token({ jti: 'j-7' });
    await notes.call('read_note', { id: 'of-a-1' }, { token });
    await notes.call('replace_note', replace, { token });
    const who = {
      subject: 'a-1',
      clientId: 'c-1',
      authorizationId: '0198f5a0-0000-7000-8000-000000000001',
      jti: 'j-7',
      resource: '/notes/mcp',
      scopes: ['notes:read'],
    };
    expect(server.log()).toContainEqual(
      expect.objectContaining({ event: 'tool.allowed', tool: 'read_note', needed: ['notes:read'], ...who }),
    );
    expect(server.log()).toContainEqual(
      expect.objectContaining({ event: 'tool.denied', tool: 'replace_note', reason: 'insufficient_scope', ...who }),
    );
  });

  it('RS-48: holds no token, not even a part of one', async () => {
    const token = await server.token();
    await notes.call('read_note', { id: 'of-a-1' }, { token });
    await notes.modern('tools/list', { headers: { authorization: `Bearer ${token} x` } });
    await notes.modern('tools/list', { token: `${token}x` });
    await notes.modern('no/such', { token, params: { name: token } });
    const log = JSON.stringify(server.log());
    expect(log).not.toMatch(/eyJ|Bearer ey/);
    expect(log).not.toContain(token.split('.')[2]);
  });

  it('counts in labels that nobody outside can make', async () => {
    const token = await server.token();
    await notes.call('read_note', { id: 'of-a-1' }, { token });
    await notes.call('<script>', {}, { token });
    const text = await server.metrics.text();
    expect(text).toMatch(/tool_decisions_total\{resource="\/notes\/mcp",tool="read_note",decision="allowed"\} \d/);
    expect(text).toMatch(/resource_refusals_total\{resource="\/notes\/mcp",reason="insufficient_scope"\} \d/);
    expect(text).toMatch(/tool_duration_seconds_count\{resource="\/notes\/mcp",tool="read_note",outcome="done"\} \d/);
    expect(text).not.toContain('script');
  });
});
