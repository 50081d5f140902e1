import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, ask, McpRaw, readChallenge, rpcOf } from '@gatehouse/test-kit';
import { signals, startTestServer, type TestServer } from '../testing/index.js';

const TWO_FACTORS = 'urn:gatehouse:acr:2fa';

let server: TestServer;
let notes: McpRaw;
beforeAll(async () => {
  server = await startTestServer();
  notes = new McpRaw(server.notes);
});
afterAll(() => server.close());
beforeEach(() => {
  signals.runs = [];
});

const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1000) - seconds;
const fresh = { scope: 'notes:write', auth_time: secondsAgo(5), acr: TWO_FACTORS };

async function seal(claims: Readonly<Record<string, unknown>>): Promise<Answer> {
  return notes.call('seal_note', { id: 'of-a-1' }, { token: await server.token(claims) });
}
const reasons = (): unknown[] =>
  server.log().flatMap(({ event, reason }) => (event === 'request.refused' ? [reason] : []));

describe('a tool that demands a recent and strong sign-in (RFC 9470)', () => {
  it('starts for a person who has just signed in so', async () => {
    const answer = await seal(fresh);
    expect(rpcOf(answer).result).toMatchObject({ content: [{ text: 'sealed' }] });
    expect(signals.runs).toEqual(['seal_note']);
  });

  it.each([
    ['long ago', { ...fresh, auth_time: secondsAgo(301) }, 'authentication_too_old'],
    ['nobody knows when', { ...fresh, auth_time: undefined }, 'authentication_too_old'],
    ['too weakly', { ...fresh, acr: 'urn:gatehouse:acr:1fa' }, 'authentication_too_weak'],
    ['nobody knows how', { ...fresh, acr: undefined }, 'authentication_too_weak'],
  ])('does not start for one who signed in %s, and is told what to ask the issuer for', async (_, claims, reason) => {
    const answer = await seal(claims);
    expect([answer.status, answer.error]).toEqual([401, 'insufficient_user_authentication']);
    expect(readChallenge(answer.header('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: {
        error: 'insufficient_user_authentication',
        error_description: 'The person must sign in again, or more strongly.',
        acr_values: TWO_FACTORS,
        max_age: '300',
        scope: 'notes:write',
        resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/notes/mcp`,
      },
    });
    expect(reasons().at(-1)).toBe(reason);
    expect(signals.runs).toEqual([]);
  });

  it('RS-24: names the demand also where a scope is missing, so that one trip suffices', async () => {
    for (const claims of [{}, { auth_time: secondsAgo(900), acr: undefined }]) {
      const answer = await seal({ ...fresh, scope: 'notes:read', ...claims });
      expect([answer.status, answer.error]).toEqual([403, 'insufficient_scope']);
      expect(readChallenge(answer.header('www-authenticate')).parameters).toMatchObject({
        scope: 'notes:write',
        max_age: '300',
        acr_values: TWO_FACTORS,
      });
    }
  });

  it('RS-26: sends no client that acts for itself to a sign-in page', async () => {
    const answer = await seal({ scope: 'notes:write', sub: 'c-1', auth_time: undefined });
    expect([answer.status, answer.error, answer.header('www-authenticate')]).toEqual([403, 'access_denied', undefined]);
    expect(reasons().at(-1)).toBe('no_person');
    expect(signals.runs).toEqual([]);
  });

  it('cannot hide behind another call of a batch', async () => {
    const message = (id: number, name: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: { id: 'of-a-1' } },
    });
    const answer = await ask(server.notes, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await server.token({ ...fresh, auth_time: secondsAgo(900) })}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify([message(1, 'read_note'), message(2, 'seal_note')]),
    });
    expect([answer.status, answer.error]).toEqual([401, 'insufficient_user_authentication']);
    expect(signals.runs).toEqual([]);
  });

  it('leaves every other tool as it was', async () => {
    const token = await server.token({ auth_time: secondsAgo(86_400 * 30) });
    expect((await notes.call('read_note', { id: 'of-a-1' }, { token })).status).toBe(200);
    expect((await notes.modern('tools/list', { token })).status).toBe(200);
  });
});
