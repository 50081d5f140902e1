/**
 * The administration over HTTP, as an operator's program and an entitled person use it, and as others try to: tokens of
 * other resources, sessions of browsers, clients that registered themselves. What it did counts at once, everywhere.
 */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  ask,
  clientsCommand,
  form,
  LOOPBACK_CALLBACK,
  McpRaw,
  OAuthFlow,
  type RegisteredClient,
  readChallenge,
} from '@gatehouse/test-kit';
import { Client } from 'pg';
import { anna, ben, house, invoices, stack } from './house.js';

const ADMIN = `${stack.issuer}/admin`;
const SCOPES = ['clients:read', 'clients:write'];

type Json = Record<string, unknown>;

/** Declares a client as an operator does, and as nobody can over HTTP: it may administer. */
async function declared(declaration: object): Promise<RegisteredClient> {
  const client = { client_id: `admin-${randomUUID().slice(0, 13)}`, client_name: 'Console', ...declaration };
  const { exitCode, output, errors } = await clientsCommand(
    stack,
    ['apply', '-', '--json'],
    JSON.stringify({ clients: [client] }),
  );
  expect([exitCode, errors]).toEqual([0, '']);
  const [{ client_id, client_secret }] = JSON.parse(output) as [{ client_id: string; client_secret?: string }];
  return { client_id, ...(client_secret ? { client_secret } : {}), redirect_uris: [LOOPBACK_CALLBACK] };
}

const robotOf = (scopes: readonly string[]) =>
  declared({ grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_post', scopes });

async function tokenOf(client: RegisteredClient, resource: string): Promise<Answer> {
  const { client_id, client_secret = '' } = client;
  return ask(`${stack.issuer}/token`, form({ grant_type: 'client_credentials', client_id, client_secret, resource }));
}

async function accessTokenOf(client: RegisteredClient, resource = ADMIN): Promise<string> {
  const answer = await tokenOf(client, resource);
  expect(answer.status).toBe(200);
  return answer.json<{ access_token: string }>().access_token;
}

async function shutOut(client: RegisteredClient): Promise<void> {
  const answer = await tokenOf(client, invoices);
  expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_client']);
}

function call(
  method: string,
  path: string,
  token?: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(`${ADMIN}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function recordsOf(clientId: string): Promise<readonly { type: string; actor_id: string | null }[]> {
  const database = new Client({ connectionString: stack.database });
  await database.connect();
  try {
    const { rows } = await database.query<{ type: string; actor_id: string | null }>(
      `SELECT type, actor_id FROM audit_events
        WHERE client_id = $1 AND (type LIKE 'client.%') AND type <> 'client.authorized' ORDER BY id`,
      [clientId],
    );
    return rows;
  } finally {
    await database.end();
  }
}

const callTool = (token: string) => new McpRaw(invoices).call('list_invoices', {}, { token });

describe('an operator’s program', () => {
  let robot: RegisteredClient;
  let token: string;
  beforeAll(async () => {
    robot = await robotOf(SCOPES);
    token = await accessTokenOf(robot);
  });

  it('finds out by itself where the tokens come from', async () => {
    const refused = await call('GET', '/clients');
    expect([refused.status, refused.type]).toEqual([401, 'application/problem+json']);
    const challenge = readChallenge(refused.header('www-authenticate') ?? '');
    expect(challenge.scheme.toLowerCase()).toBe('bearer');
    expect(challenge.parameters).not.toHaveProperty('error');
    const described = await ask(challenge.parameters['resource_metadata'] ?? '');
    expect(described.json()).toMatchObject({
      resource: ADMIN,
      authorization_servers: [stack.issuer],
      scopes_supported: SCOPES,
    });
    const metadata = (await ask(`${stack.issuer}/.well-known/oauth-authorization-server`)).json<{
      scopes_supported: string[];
      protected_resources: string[];
    }>();
    for (const hidden of SCOPES) expect(metadata.scopes_supported).not.toContain(hidden);
    expect(metadata.protected_resources).not.toContain(ADMIN);
  });

  it('declares a client that calls a tool, changes it, gives it a new secret, stops it, and deletes it', async () => {
    const declaration = {
      client_id: `report-${randomUUID().slice(0, 13)}`,
      client_name: 'Nightly report',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_post',
      scopes: ['invoices:read'],
    };
    const created = await call('POST', '/clients', token, declaration);
    expect([created.status, created.header('cache-control')]).toEqual([201, 'no-store']);
    const { client_id: id, client_secret: first } = created.json<{ client_id: string; client_secret: string }>();
    const report = (secret: string) => ({ client_id: id, client_secret: secret, redirect_uris: [] });
    const working = await accessTokenOf(report(first), invoices);
    expect((await callTool(working)).status).toBe(200);

    const path = `/clients/${id}`;
    const renamed = { ...declaration, client_name: 'Weekly report' };
    const stale = { 'if-match': '"another"' };
    expect((await call('PUT', path, token, renamed, stale)).status).toBe(412);
    expect((await call('PUT', path, token, renamed)).status).toBe(428);
    const current = { 'if-match': created.header('etag') ?? '' };
    expect((await call('PUT', path, token, renamed, current)).json()).toMatchObject({ client_name: 'Weekly report' });

    const { client_secret: second } = (await call('POST', `${path}/secrets`, token, {})).json<{
      client_secret: string;
    }>();
    for (const secret of [first, second]) expect((await tokenOf(report(secret), invoices)).status).toBe(200);
    expect((await call('DELETE', `${path}/secrets/previous`, token)).status).toBe(204);
    await shutOut(report(first));

    expect((await call('POST', `${path}/disable`, token)).status).toBe(200);
    await shutOut(report(second));
    const { endpoint, clientId, clientSecret } = stack.introspection;
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    expect((await ask(endpoint, form({ token: working }, { authorization }))).json()).toEqual({ active: false });
    expect((await call('POST', `${path}/enable`, token)).status).toBe(200);
    expect((await tokenOf(report(second), invoices)).status).toBe(200);

    expect((await call('DELETE', path, token)).status).toBe(204);
    expect((await call('GET', path, token)).status).toBe(404);
    await shutOut(report(second));
    const records = await recordsOf(id);
    expect(records.map(({ type }) => type)).toEqual([
      'client.registered',
      'client.changed',
      'client.secret_rotated',
      'client.secret_rotated',
      'client.disabled',
      'client.enabled',
      'client.removed',
    ]);
    expect(new Set(records.map(({ actor_id }) => actor_id))).toEqual(new Set([robot.client_id]));
  });

  it('sees what the command did, and the command what it did', async () => {
    const client = await robotOf(['invoices:read']);
    expect((await call('GET', `/clients/${client.client_id}`, token)).json()).toMatchObject({
      origin: 'pre-registered',
      scopes: ['invoices:read'],
    });
    expect((await call('POST', `/clients/${client.client_id}/disable`, token)).status).toBe(200);
    const { output } = await clientsCommand(stack, ['show', client.client_id]);
    expect(JSON.parse(output)).toMatchObject({ disabled_at: expect.any(String) });
  });

  it('ends in one step what all people allowed a client, without keeping it from asking again', async () => {
    const client = await house.register();
    const decisions = [{ account: anna }, { account: ben }];
    const connected = [];
    for (const decision of decisions)
      connected.push(await house.connected({ client, decision, resource: invoices, scope: 'invoices:read' }));
    const answer = await call('POST', `/clients/${client.client_id}/revoke`, token);
    expect(answer.json()).toEqual({ authorizations: 2 });
    for (const each of connected) {
      const refused = await house.refresh(each, each.tokens.refresh_token);
      expect([refused.status, refused.json<Json>()['error']]).toEqual([400, 'invalid_grant']);
    }
    await house.connected({ client, decision: decisions[0]!, resource: invoices, scope: 'invoices:read' });
  });

  it('goes through all clients, and finds those that came by themselves', async () => {
    const { client_id: mine } = await house.register();
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await call('GET', `/clients?limit=3&origin=dynamic${cursor}`, token)).json<{
        clients: { client_id: string }[];
        next_cursor?: string;
      }>();
      seen.push(...page.clients.map(({ client_id }) => client_id));
      cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(seen).toContain(mine);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it('makes and ends tokens that let clients register', async () => {
    const made = await call('POST', '/registration-tokens', token, { label: 'Team A' });
    const { id, token: secret } = made.json<{ id: string; token: string }>();
    const registered = await house.ask('register', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ redirect_uris: [LOOPBACK_CALLBACK], token_endpoint_auth_method: 'none' }),
    });
    expect(registered.status).toBe(201);
    const list = (await call('GET', '/registration-tokens', token)).json<{ registration_tokens: Json[] }>();
    expect(list.registration_tokens).toContainEqual(expect.objectContaining({ id, uses_left: 0, state: 'spent' }));
    expect((await call('DELETE', `/registration-tokens/${id}`, token)).status).toBe(204);
  });

  it('cannot lend its power on: clients that administer come by command only', async () => {
    const peer = await robotOf(SCOPES);
    const more = await call('POST', '/clients', token, {
      client_id: `peer-${randomUUID().slice(0, 13)}`,
      client_name: 'Peer',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_post',
      scopes: ['clients:read'],
    });
    expect(more.status).toBe(403);
    expect((await call('POST', `/clients/${peer.client_id}/secrets`, token, {})).status).toBe(403);
    expect((await tokenOf(peer, ADMIN)).status).toBe(200);
  });
});

describe('a person', () => {
  const console = () =>
    declared({
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      redirect_uris: [LOOPBACK_CALLBACK],
      scopes: SCOPES,
    });

  it('administers through a client that an operator registered, if entitled, and is named in the records', async () => {
    const client = await console();
    const { tokens } = await house.connected({
      client,
      decision: { account: anna },
      resource: ADMIN,
      scope: SCOPES.join(' '),
    });
    const target = await house.register();
    expect((await call('POST', `/clients/${target.client_id}/disable`, tokens.access_token)).status).toBe(200);
    const [, disabled] = await recordsOf(target.client_id);
    expect(disabled).toEqual({ type: 'client.disabled', actor_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    // Ended by the client itself: out at the next request.
    await house.revoke(client, tokens.access_token);
    expect((await call('GET', '/clients', tokens.access_token)).status).toBe(401);
  });

  it('who is not entitled does not, through whatever client', async () => {
    await expect(
      house.connected({ client: await console(), decision: { account: ben }, resource: ADMIN, scope: 'clients:read' }),
    ).rejects.toThrow(/denied/);
  });

  it('who is entitled does not through a client that registered itself', async () => {
    await expect(
      house.connected({ decision: { account: anna }, resource: ADMIN, scope: 'clients:read' }),
    ).rejects.toThrow(/invalid_target/);
  });
});

describe('an attacker', () => {
  it('comes in with no token of another resource', async () => {
    const tool = await house.connected({ decision: { account: anna }, resource: invoices, scope: 'invoices:read' });
    const refused = await call('GET', '/clients', tool.tokens.access_token);
    expect(refused.status).toBe(401);
    expect(readChallenge(refused.header('www-authenticate') ?? '').parameters).toMatchObject({
      error: 'invalid_token',
    });
    const admin = await accessTokenOf(await robotOf(['clients:read']));
    expect((await callTool(admin)).status).toBe(401);
  });

  it('cannot use the browser of an administrator who is signed in', async () => {
    const flow = new OAuthFlow(stack.issuer);
    const browser = flow.browser();
    const client = await flow.register();
    await flow.connected({ client, browser, decision: { account: anna }, resource: invoices, scope: 'invoices:read' });
    const page = await browser.exchange(`${ADMIN}/clients`);
    expect(page.status).toBe(401);
    expect(page.header('access-control-allow-origin')).toBeUndefined();
    const preflight = await ask(`${ADMIN}/clients`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.status).toBe(405);
    expect(preflight.header('access-control-allow-origin')).toBeUndefined();
  });

  it('gets nothing with a scope that is too small, by a hidden method, or by the shape of an id', async () => {
    const reader = await accessTokenOf(await robotOf(['clients:read']));
    const { client_id: id } = await house.register();
    for (const [method, path] of [
      ['DELETE', `/clients/${id}`],
      ['POST', `/clients/${id}/disable`],
    ] as const)
      expect((await call(method, path, reader)).status).toBe(403);
    const hidden = await call('POST', `/clients/${id}`, reader, {}, { 'x-http-method-override': 'DELETE' });
    expect(hidden.status).toBe(405);
    for (const trick of ['%2e%2e%2fregister', `${id}%00`, `${id}%2f`, encodeURIComponent(`${id}' OR 1=1--`)])
      expect([trick, (await call('GET', `/clients/${trick}`, reader)).status]).toEqual([trick, 404]);
    expect((await call('GET', `/clients/${id}`, reader)).json()).toMatchObject({ disabled_at: null });
  });
});
