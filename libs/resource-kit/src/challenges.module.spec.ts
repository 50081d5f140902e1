import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, ask, McpRaw, readChallenge } from '@gatehouse/test-kit';
import { sampleResources, signals, startTestServer, type TestServer } from './testing/index.js';

let server: TestServer;
let notes: McpRaw;
let metadataUrl: string;

beforeAll(async () => {
  server = await startTestServer();
  notes = new McpRaw(server.notes);
  metadataUrl = `${server.origin}/.well-known/oauth-protected-resource/notes/mcp`;
});
afterAll(() => server.close());
beforeEach(() => {
  signals.runs = [];
});

describe('protected resource metadata', () => {
  it('RS-01, RS-03, RS-04, RS-07, RS-09: stands at the inserted path, names itself and the exact issuer, and has no empty arrays', async () => {
    const answer = await ask(metadataUrl);
    expect([answer.status, answer.type]).toEqual([200, 'application/json']);
    expect(answer.json()).toEqual({
      resource: server.notes,
      authorization_servers: [server.issuer.identifier],
      scopes_supported: ['notes:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Notes',
      resource_documentation: 'https://docs.example/notes',
      dpop_signing_alg_values_supported: ['ES256', 'ES384', 'Ed25519', 'EdDSA'],
    });
  });

  it('RS-04: is one document a resource, and none where no resource lives', async () => {
    const other = await ask(`${server.origin}/.well-known/oauth-protected-resource/archive/mcp`);
    expect(other.json<object>()).toMatchObject({ resource: server.archive, resource_name: 'Archive' });
    for (const path of ['', '/', '/notes', '/notes/mcp/x', '/%6eotes/mcp%2f'])
      expect((await ask(`${server.origin}/.well-known/oauth-protected-resource${path}`)).status).toBe(404);
    expect((await ask(`${server.notes}/.well-known/oauth-protected-resource`)).status).toBe(404);
  });

  it('RS-06: names the minimum of scopes, not the catalogue', async () => {
    const { scopes_supported: scopes } = (await ask(metadataUrl)).json();
    expect(scopes).toEqual(sampleResources()[0].defaultScopes);
    expect(scopes).not.toContain('notes:erase');
    expect(scopes).not.toContain('offline_access');
  });

  it('RS-08: is public, readable from any page, and cacheable for less than an hour', async () => {
    const answer = await ask(metadataUrl, { headers: { origin: 'https://anywhere.example' } });
    expect(answer.status).toBe(200);
    expect(answer.header('access-control-allow-origin')).toBe('*');
    expect(answer.header('cache-control')).toBe('public, max-age=300');
    const preflight = await ask(metadataUrl, {
      method: 'OPTIONS',
      headers: { origin: 'https://anywhere.example', 'access-control-request-headers': 'mcp-protocol-version' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.header('access-control-allow-headers')).toContain('MCP-Protocol-Version');
  });

  it('does not change with the Host or a forwarded header', async () => {
    const plain = (await ask(metadataUrl)).text;
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    expect((await ask(metadataUrl, { headers })).text).toBe(plain);
  });
});

describe('a request without credentials', () => {
  it('RS-02, RS-20, RS-21, RS-23: is told where to begin and with which scope, and no error code', async () => {
    const answer = await notes.modern('tools/list');
    expect(answer.status).toBe(401);
    expect(readChallenge(answer.header('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: { scope: 'notes:read', resource_metadata: metadataUrl },
    });
    expect(answer.json()).not.toHaveProperty('error');
    expect(answer.header('cache-control')).toBe('no-store');
  });

  it('RS-23: is told the scopes of the tool that it names', async () => {
    const answer = await notes.call('replace_note', {});
    expect(readChallenge(answer.header('www-authenticate')).parameters['scope']).toBe('notes:write notes:erase');
    const unknown = await notes.call('no_such_tool', {});
    expect(readChallenge(unknown.header('www-authenticate')).parameters['scope']).toBe('notes:read');
  });

  it('has its message read for that only as long as an honest one is', async () => {
    const scopeOf = async (length: number): Promise<unknown> => {
      const answer = await notes.call('replace_note', { id: '1', text: 'x'.repeat(length) });
      return readChallenge(answer.header('www-authenticate')).parameters['scope'];
    };
    expect(await scopeOf(60_000)).toBe('notes:write notes:erase');
    expect(await scopeOf(70_000)).toBe('notes:read');
    // With a token it is read to its end, so that one step-up suffices.
    const text = 'x'.repeat(70_000);
    const answer = await notes.call('replace_note', { id: '1', text }, { token: await server.token() });
    expect(answer.status).toBe(403);
    expect(readChallenge(answer.header('www-authenticate')).parameters['scope']).toBe('notes:write notes:erase');
  });

  it('RS-30: hears of its missing token before anything about its message, in any revision', async () => {
    const json = { 'content-type': 'application/json' };
    const requests = [
      { method: 'POST', headers: json, body: '{"jsonrpc":"2.0","id":1,"method":"initialize"}' },
      { method: 'POST', headers: json, body: '{"jsonrpc":"2.0","id":1,"method":"server/discover"}' },
      { method: 'POST', headers: json, body: 'garbage' },
      { method: 'POST', headers: json, body: '' },
      { method: 'POST', headers: json, body: Buffer.from([0xff, 0xfe, 0x00]) },
      { method: 'POST', headers: json, body: '['.repeat(50_000) },
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      { method: 'POST', headers: { 'content-type': 'nonsense;;' }, body: 'x' },
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
      { method: 'POST', body: 'x' },
      { method: 'POST' },
      {
        method: 'POST',
        headers: { ...json, 'mcp-method': 'tools/call', 'mcp-protocol-version': '1900-01-01' },
        body: '{}',
      },
      { method: 'GET', headers: { accept: 'text/event-stream' } },
      { method: 'DELETE', headers: { 'mcp-session-id': 'x' } },
      { method: 'HEAD' },
    ];
    for (const request of requests) {
      const answer = await ask(server.notes, request);
      expect([request, answer.status]).toEqual([request, 401]);
      expect(readChallenge(answer.header('www-authenticate')).parameters).not.toHaveProperty('error');
    }
  });

  it('RS-40, RS-21: gains nothing from a token in the URL or in a form', async () => {
    const token = await server.token();
    const inUrl = await ask(`${server.notes}?access_token=${token}`, { method: 'POST', body: '{}' });
    const inForm = await ask(server.notes, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `access_token=${token}`,
    });
    for (const answer of [inUrl, inForm]) {
      expect(answer.status).toBe(401);
      expect(readChallenge(answer.header('www-authenticate')).parameters).not.toHaveProperty('error');
    }
  });
});

describe('a request with bad credentials', () => {
  it('RS-20, RS-22: is told that its token is invalid, whatever is wrong with it, in one way', async () => {
    const { signer } = server.issuer;
    const tokens = [
      'garbage',
      await server.token({ exp: 1_000_000_000 }),
      await server.token({ iss: 'https://evil.example' }),
      await signer.token(server.archive),
      await signer.token(server.notes, { header: { typ: 'JWT' } }),
      await signer.token(server.notes, { header: { kid: 'unknown' } }),
    ];
    const answers = await Promise.all(tokens.map((token) => notes.modern('tools/list', { token })));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(readChallenge(answer.header('www-authenticate'))).toEqual({
        scheme: 'Bearer',
        parameters: {
          error: 'invalid_token',
          error_description: 'The access token is invalid, expired or revoked.',
          scope: 'notes:read',
          resource_metadata: metadataUrl,
        },
      });
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('RS-42, RS-45: a token of the sibling resource opens nothing here, and the other way round', async () => {
    const forArchive = await server.issuer.signer.token(server.archive, { claims: { scope: 'notes:read' } });
    expect((await notes.modern('tools/list', { token: forArchive })).status).toBe(401);
    expect((await new McpRaw(server.archive).modern('tools/list', { token: forArchive })).status).toBe(200);
    expect((await new McpRaw(server.archive).modern('tools/list', { token: await server.token() })).status).toBe(401);
    expect(server.log()).toContainEqual(
      expect.objectContaining({ event: 'request.refused', reason: 'wrong_audience' }),
    );
  });

  it('RS-41: has no effect', async () => {
    const token = await server.token({ exp: 1_000_000_000 });
    await notes.call('read_note', { id: 'of-a-1' }, { token });
    await notes.call('read_note', { id: 'of-a-1' });
    expect(signals.runs).toEqual([]);
  });

  it('RS-25: is malformed when it presents two tokens or a broken header', async () => {
    const token = await server.token();
    const url = `${server.notes}?access_token=${token}`;
    const headers = { authorization: `Bearer ${token}` };
    for (const answer of [
      await ask(url, { method: 'POST', headers, body: '{}' }),
      await ask(server.notes, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: `access_token=${token}`,
      }),
      await ask(server.notes, {
        method: 'POST',
        headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] as never },
      }),
      await ask(server.notes, { method: 'POST', headers: { authorization: 'Bearer' } }),
      await ask(server.notes, { method: 'POST', headers: { authorization: 'Bearer a b' } }),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.error).toBe('invalid_request');
      expect(readChallenge(answer.header('www-authenticate')).parameters['error']).toBe('invalid_request');
    }
  });

  it('RS-28: may write the scheme in any case', async () => {
    const authorization = `bEaReR ${await server.token()}`;
    expect((await notes.modern('tools/list', { headers: { authorization } })).status).toBe(200);
  });

  it('RS-29: gets the Bearer challenge first, in a header line of its own', async () => {
    const lines = await new Promise<readonly string[] | undefined>((resolve, reject) => {
      request(server.notes, { method: 'POST' }, (answer) => {
        answer.resume();
        resolve(answer.headersDistinct['www-authenticate']);
      })
        .on('error', reject)
        .end();
    });
    expect(lines).toHaveLength(2);
    expect(lines?.[0]).toMatch(/^Bearer [^,]+="[^"]*"(, [a-z_]+="[^"]*")*$/);
    expect(lines?.[1]).toBe('DPoP algs="ES256 ES384 Ed25519 EdDSA"');
  });

  it('RS-40: has to authenticate on every request, however recently it was let in', async () => {
    const token = await server.token();
    expect((await notes.modern('tools/list', { token })).status).toBe(200);
    expect((await notes.modern('tools/list')).status).toBe(401);
    expect((await notes.modern('tools/list', { headers: { 'mcp-session-id': 'x' } })).status).toBe(401);
  });
});

describe('where a request comes from', () => {
  it('RS-61: no page of another site may call, with or without token', async () => {
    const token = await server.token();
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1.evil.example',
      'file://',
      'x',
      'http://127.0.0.1@evil.example',
    ]) {
      expect((await notes.modern('tools/list', { token, headers: { origin } })).status).toBe(403);
      const anonymous = await notes.modern('tools/list', { headers: { origin } });
      expect([anonymous.status, anonymous.header('access-control-allow-origin')]).toEqual([403, undefined]);
      expect(anonymous.header('www-authenticate')).toBeUndefined();
    }
  });

  it('RS-61: nobody may call it by another name, as a rebound DNS name does', async () => {
    const token = await server.token();
    for (const host of [
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '169.254.169.254',
    ])
      expect((await notes.modern('tools/list', { token, headers: { host } })).status).toBe(403);
    expect((await notes.modern('tools/list', { token, headers: { host: 'localhost:4100' } })).status).toBe(200);
  });

  it('RS-61: a target in absolute form counts as the name, whatever the Host header says', async () => {
    const send = async (target: string): Promise<Answer> =>
      ask(server.notes, {
        method: 'POST',
        target,
        headers: {
          authorization: `Bearer ${await server.token()}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      });
    expect((await send('http://evil.example/notes/mcp')).status).toBe(403);
    expect((await send(server.notes)).status).toBe(200);
  });

  it('RS-31: an allowed page may send what MCP needs and read the challenge', async () => {
    const { origin } = server;
    const preflight = await ask(server.notes, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,mcp-name',
      },
    });
    expect([preflight.status, preflight.header('access-control-allow-origin')]).toEqual([204, origin]);
    const allowed = preflight.header('access-control-allow-headers') ?? '';
    for (const name of [
      'Authorization',
      'DPoP',
      'Content-Type',
      'Accept',
      'MCP-Protocol-Version',
      'Mcp-Method',
      'Mcp-Name',
    ])
      expect(allowed.split(', ')).toContain(name);
    const refused = await notes.modern('tools/list', { headers: { origin } });
    for (const name of ['WWW-Authenticate', 'DPoP-Nonce'])
      expect(refused.header('access-control-expose-headers')?.split(', ')).toContain(name);
    expect(refused.header('access-control-allow-origin')).toBe(origin);
    const served = await notes.modern('tools/list', { headers: { origin }, token: await server.token() });
    expect([served.status, served.header('access-control-allow-origin')]).toEqual([200, origin]);
    expect(served.header('access-control-allow-credentials')).toBeUndefined();
    expect((await ask(server.notes, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })).status).toBe(
      403,
    );
  });
});

describe('what is not an MCP endpoint', () => {
  it('is not found, in one way, without a word about the server', async () => {
    for (const path of ['/', '/notes', '/notes/mcp/', '/NOTES/mcp', '/admin', '/notes/mcp%00']) {
      const answer = await ask(`${server.origin}${path}`);
      expect([path, answer.status, answer.error]).toEqual([path, 404, 'not_found']);
    }
    expect((await ask(`${server.origin}/%zz`)).status).toBe(400);
  });

  it('tells its health to anybody', async () => {
    expect((await ask(`${server.origin}/health/live`)).status).toBe(200);
    const ready = await ask(`${server.origin}/health/ready`);
    expect([ready.status, ready.json<object>()]).toEqual([200, { ready: true, checks: { issuer: 'up' } }]);
  });
});
