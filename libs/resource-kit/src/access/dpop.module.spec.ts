import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestProofKey, testProofKey } from '@gatehouse/dpop/testing';
import { type Answer, ask, DpopFetch, McpRaw, readChallenges, rpcOf } from '@gatehouse/test-kit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as oauth from 'oauth4webapi';
import { signals, startTestServer, type TestServer } from '../testing/index.js';

const READ = { id: 'of-a-1' };
// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const http = { [oauth.allowInsecureRequests]: true } as const;

let server: TestServer;
let key: TestProofKey;
beforeAll(async () => {
  server = await startTestServer();
  key = await testProofKey();
});
afterAll(() => server.close());
beforeEach(() => {
  signals.runs = [];
});

const boundTo = (jkt: string, at = server): Promise<string> => at.token({ cnf: { jkt } });
const proofFor = (token: string, more: Partial<Parameters<TestProofKey['proof']>[0]> = {}, at = server) =>
  key.proof({ url: at.notes, at: new Date(), accessToken: token, ...more });

/** Calls a tool with these very credentials. */
const call = (authorization: string, dpop?: string, at = server): Promise<Answer> =>
  new McpRaw(at.notes).call('read_note', READ, { headers: { authorization, dpop } });

function expectRefusal(answer: Answer, scheme: 'Bearer' | 'DPoP', error: string): void {
  expect([answer.status, answer.error]).toEqual([401, error]);
  const [bearer, dpop] = readChallenges(answer.header('www-authenticate'));
  expect([bearer?.scheme, dpop?.scheme]).toEqual(['Bearer', 'DPoP']);
  // The way to the metadata stands in the line that every client reads.
  expect(bearer?.parameters).toMatchObject({ scope: 'notes:read', resource_metadata: expect.any(String) });
  const [told, other] = scheme === 'Bearer' ? [bearer, dpop] : [dpop, bearer];
  expect(told?.parameters['error']).toBe(error);
  expect(other?.parameters).not.toHaveProperty('error');
  expect(dpop?.parameters['algs']).toBe('ES256 ES384 Ed25519 EdDSA');
  expect(signals.runs).toEqual([]);
}

describe('a token that is bound to a key', () => {
  it('RS-50: opens the tools to its holder, who shows a new proof with each request', async () => {
    const token = await boundTo(key.jkt);
    for (const scheme of ['DPoP', 'dpop']) {
      const answer = await call(`${scheme} ${token}`, await proofFor(token));
      expect(rpcOf(answer).result).toMatchObject({ structuredContent: { owner: 'a-1' } });
      expect(answer.header('dpop-nonce')).toBeUndefined();
    }
  });

  it('RS-50: is refused as Bearer, although it has just been let in', async () => {
    const token = await boundTo(key.jkt);
    await call(`DPoP ${token}`, await proofFor(token));
    signals.runs = [];
    expectRefusal(await call(`Bearer ${token}`), 'Bearer', 'invalid_token');
    expectRefusal(await call(`Bearer ${token}`, await proofFor(token)), 'Bearer', 'invalid_token');
  });

  it('RS-50: is refused with the proof of another key', async () => {
    const token = await boundTo((await testProofKey()).jkt);
    expectRefusal(await call(`DPoP ${token}`, await proofFor(token)), 'DPoP', 'invalid_token');
  });

  it('RS-50: is refused without a proof, with two, and with one that does not hold', async () => {
    const token = await boundTo(key.jkt);
    const proof = await proofFor(token);
    const refused = async (dpop: string | undefined): Promise<void> => {
      expectRefusal(await call(`DPoP ${token}`, dpop), 'DPoP', 'invalid_dpop_proof');
    };
    await refused(undefined);
    await refused('garbage');
    await refused(`${proof}, ${proof}`);
    await refused([proof, await proofFor(token)] as never);
    await refused(`${proof.slice(0, -8)}AAAAAAAA`);
    await refused(await proofFor(token, { method: 'GET' }));
    await refused(await proofFor(token, { url: server.archive }));
    await refused(await proofFor(token, { accessToken: await boundTo(key.jkt) }));
    await refused(await proofFor(token, { at: new Date(Date.now() - 310_000) }));
    await refused(await proofFor(token, { header: { typ: 'JWT' } }));
  });

  it('RS-50: is refused with a proof that was used before, by anybody, for anything', async () => {
    const token = await boundTo(key.jkt);
    const proof = await proofFor(token);
    expect((await call(`DPoP ${token}`, proof)).status).toBe(200);
    signals.runs = [];
    expectRefusal(await call(`DPoP ${token}`, proof), 'DPoP', 'invalid_dpop_proof');
  });

  it('RS-50: is named by the URL of our configuration, whatever Host and query the request has', async () => {
    const token = await boundTo(key.jkt);
    const send = async (url: string, htu: string, headers: Record<string, string> = {}): Promise<number> =>
      (
        await ask(url, {
          method: 'POST',
          headers: {
            authorization: `DPoP ${token}`,
            dpop: await proofFor(token, { url: htu }),
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...headers,
          },
          body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
        })
      ).status;
    expect(await send(`${server.notes}?trace=1`, server.notes)).toBe(200);
    expect(await send(server.notes, server.notes.replace('127.0.0.1', 'localhost'), { host: 'localhost:1' })).toBe(401);
  });

  it('RS-07, RS-50: is served for every algorithm that the metadata names, and for no other', async () => {
    const metadata = await ask(`${server.origin}/.well-known/oauth-protected-resource/notes/mcp`);
    const { dpop_signing_alg_values_supported: named } = metadata.json<Record<string, string[]>>();
    for (const alg of [...(named ?? []), 'RS256', 'PS256', 'ES512']) {
      const other = await testProofKey(alg);
      const token = await boundTo(other.jkt);
      const proof = await other.proof({ url: server.notes, at: new Date(), accessToken: token });
      const { status } = await call(`DPoP ${token}`, proof);
      expect([alg, status]).toEqual([alg, named?.includes(alg) === true ? 200 : 401]);
    }
  });

  it('RS-24, RS-50: hears of missing scopes under its own scheme', async () => {
    const token = await boundTo(key.jkt);
    const answer = await new McpRaw(server.notes).call('replace_note', READ, {
      headers: { authorization: `DPoP ${token}`, dpop: await proofFor(token) },
    });
    expect(answer.status).toBe(403);
    const [bearer, dpop] = readChallenges(answer.header('www-authenticate'));
    expect(bearer?.parameters).not.toHaveProperty('error');
    expect(dpop?.parameters).toMatchObject({ error: 'insufficient_scope', scope: 'notes:write notes:erase' });
  });

  it('RS-42: is as much bound to its audience as any other', async () => {
    const token = await server.issuer.signer.token(server.archive, { claims: { cnf: { jkt: key.jkt } } });
    expectRefusal(await call(`DPoP ${token}`, await proofFor(token)), 'DPoP', 'invalid_token');
  });
});

describe('a token that is bound to nothing', () => {
  it('RS-50: is refused under the scheme of bound ones, and served as Bearer, with or without a proof beside it', async () => {
    const token = await server.token();
    expectRefusal(await call(`DPoP ${token}`, await proofFor(token)), 'DPoP', 'invalid_token');
    expect((await call(`Bearer ${token}`)).status).toBe(200);
    expect((await call(`Bearer ${token}`, 'not a proof')).status).toBe(200);
  });

  it('RS-25, RS-50: is malformed when it comes under both schemes at once', async () => {
    const token = await server.token();
    const answer = await call([`Bearer ${token}`, `DPoP ${token}`] as never, await proofFor(token));
    expect([answer.status, answer.error]).toEqual([400, 'invalid_request']);
  });
});

describe('what the issuer says of a binding', () => {
  it('RS-44, RS-50: counts, is remembered with the yes, and nobody comes in on one that we cannot check', async () => {
    const asking = await startTestServer({ credentials: { id: 'rs-1', secret: 'a:secret/with+odd characters' } });
    try {
      const other = (await testProofKey()).jkt;
      const [mine, foreign, plain, odd] = await Promise.all([
        boundTo(key.jkt, asking),
        boundTo(key.jkt, asking),
        asking.token(),
        asking.token({ jti: 'odd' }),
      ]);
      const { confirmations, requests } = asking.issuer;
      confirmations.set(mine, { jkt: key.jkt }).set(foreign, { jkt: other }).set(plain, { jkt: key.jkt });
      confirmations.set(odd, { 'x5t#S256': other });
      const dpop = async (token: string): Promise<Answer> =>
        call(`DPoP ${token}`, await proofFor(token, {}, asking), asking);
      expect([(await dpop(mine)).status, (await dpop(mine)).status]).toEqual([200, 200]);
      expect(requests.filter((path) => path.endsWith('/introspect'))).toHaveLength(1);
      signals.runs = [];
      expectRefusal(await dpop(foreign), 'DPoP', 'invalid_token');
      expectRefusal(await call(`Bearer ${plain}`, undefined, asking), 'Bearer', 'invalid_token');
      expectRefusal(await call(`Bearer ${plain}`, undefined, asking), 'Bearer', 'invalid_token');
      expect((await call(`Bearer ${odd}`, undefined, asking)).status).toBe(503);
    } finally {
      await asking.close();
    }
  });
});

describe('a resource server with nonces', () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await startTestServer({ dpop: { nonceKeys: [new Uint8Array(32).fill(1)] } });
  });
  afterAll(() => strict.close());

  it('RS-50: demands one, offers it with every answer, and takes no proof that was made before', async () => {
    const token = await boundTo(key.jkt, strict);
    const dpop = async (nonce?: string): Promise<Answer> =>
      call(
        `DPoP ${token}`,
        await proofFor(token, { url: strict.notes, ...(nonce === undefined ? {} : { nonce }) }),
        strict,
      );
    const first = await dpop();
    expectRefusal(first, 'DPoP', 'use_dpop_nonce');
    const nonce = first.header('dpop-nonce');
    expect(nonce).toMatch(/^[\w-]{32}$/);
    expectRefusal(await dpop('made-up'), 'DPoP', 'use_dpop_nonce');
    const served = await dpop(nonce);
    expect([served.status, served.header('dpop-nonce')]).toEqual([200, nonce]);
    expect((await dpop(nonce)).status).toBe(200);
  });

  it('asks nothing more of Bearer tokens, and tells them no nonce', async () => {
    const answer = await call(`Bearer ${await strict.token()}`, undefined, strict);
    expect([answer.status, answer.header('dpop-nonce')]).toEqual([200, undefined]);
  });
});

describe('a resource server for bound tokens only', () => {
  it('RS-07, RS-50: says so, refuses every other, and serves the bound ones', async () => {
    const closed = await startTestServer({ dpop: { required: true } });
    try {
      const metadata = await ask(`${closed.origin}/.well-known/oauth-protected-resource/notes/mcp`);
      expect(metadata.json()).toMatchObject({ dpop_bound_access_tokens_required: true });
      expectRefusal(await call(`Bearer ${await closed.token()}`, undefined, closed), 'Bearer', 'invalid_token');
      const token = await boundTo(key.jkt, closed);
      expect((await call(`DPoP ${token}`, await proofFor(token, {}, closed), closed)).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});

describe('clients that were not written here', () => {
  it('RS-50: the strict library oauth4webapi, through a demand for a nonce', async () => {
    const strict = await startTestServer({ dpop: { nonceKeys: [new Uint8Array(32).fill(2)] } });
    try {
      const handle = oauth.DPoP({}, await oauth.generateKeyPair('ES256'));
      const token = await boundTo(await handle.calculateThumbprint(), strict);
      const send = (): Promise<Response> =>
        oauth.protectedResourceRequest(
          token,
          'POST',
          new URL(strict.notes),
          new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' }),
          '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
          { ...http, DPoP: handle },
        );
      const refused = await send().catch((error: unknown) => error);
      expect(oauth.isDPoPNonceError(refused as Error)).toBe(true);
      expect((await send()).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('RS-50: the official SDK v2, with proofs added by its fetch', async () => {
    const strict = await startTestServer({ dpop: { nonceKeys: [new Uint8Array(32).fill(3)] } });
    try {
      const dpop = await DpopFetch.create();
      const token = await boundTo(dpop.jkt, strict);
      const client = new Client({ name: 'bound', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(strict.notes), { requestInit, fetch: dpop.fetch }),
      );
      expect(await client.callTool({ name: 'read_note', arguments: READ })).toMatchObject({
        structuredContent: { owner: 'a-1' },
      });
      await client.close();
    } finally {
      await strict.close();
    }
  });
});

describe('the record of bound tokens', () => {
  it('RS-48: holds no proof and no token, and says why one was refused', async () => {
    const token = await boundTo(key.jkt);
    const proof = await proofFor(token);
    await call(`DPoP ${token}`, proof);
    await call(`DPoP ${token}`, proof);
    const log = JSON.stringify(server.log());
    expect(log).not.toMatch(/eyJ/);
    expect(log).toContain('dpop_proof_replayed');
    expect(server.log()).toContainEqual(expect.objectContaining({ event: 'tool.allowed', boundTo: key.jkt }));
  });
});
