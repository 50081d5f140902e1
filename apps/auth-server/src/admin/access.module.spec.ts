import { ADMIN_SCOPES } from '@gatehouse/authorization-server';
import { basic } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { ADMIN, Administrators } from '../testing/administrators.js';
import { Browser } from '../testing/browser.js';
import { approve, toConsent, TrialClient } from '../testing/client.js';
import { INVOICES, RESOURCE_SERVER, type TrialServer, startTrialServer } from '../testing/trial-server.js';

const METADATA = 'http://127.0.0.1:4000/.well-known/oauth-protected-resource/admin';
const BARE = `Bearer scope="clients:read", resource_metadata="${METADATA}"`;
const INVALID = `Bearer error="invalid_token", scope="clients:read", resource_metadata="${METADATA}"`;

/** The first of its challenges; how a key is shown comes after it. */
const bearerOf = ({ headers }: LightMyRequestResponse) => [headers['www-authenticate']].flat()[0];

describe('the door of the administration', () => {
  let server: TrialServer;
  let admin: Administrators;
  beforeAll(async () => {
    server = await startTrialServer();
    admin = new Administrators(server);
  });
  afterAll(() => server.close());

  const lastRefusal = () =>
    server.log
      .map((line) => JSON.parse(line) as { readonly event?: string; readonly reason?: string; readonly code?: string })
      .filter(({ event }) => event === 'refused')
      .at(-1);
  async function refused(token: string | undefined, challenge: string, reason: string, code = 'invalid_token') {
    const answer = await admin.call('GET', '/clients', token);
    expect([answer.statusCode, bearerOf(answer)]).toEqual([401, challenge]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: `urn:gatehouse:problem:${code}`,
      title: 'The access token is invalid, expired or revoked.',
      status: 401,
    });
    expect(lastRefusal()).toMatchObject({ code, reason });
  }

  it('opens for a program that an operator registered for it', async () => {
    const { token } = await admin.robot(['clients:read']);
    const answer = await admin.call('GET', '/clients', token);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('opens for an entitled person, whom the consent page warns, and asks again each time', async () => {
    const { access_token: token, scope } = await admin.person('anna', 'clients:read clients:write');
    expect(scope).toBe('clients:read clients:write');
    expect((await admin.call('GET', '/clients', token)).statusCode).toBe(200);

    const browser = new Browser(server.app);
    const client = new TrialClient(server.app, admin.client({ scopes: ADMIN_SCOPES }).id);
    const page = await toConsent(browser, client, 'anna', { resource: ADMIN, scope: 'clients:write' });
    expect(page.body).toContain('Administration of clients');
    expect(page.body).toContain('Hard to undo.');
  });

  it('says at its own address where its tokens come from', async () => {
    const answer = await server.app.inject({ url: '/.well-known/oauth-protected-resource/admin' });
    expect(answer.json()).toMatchObject({
      resource: ADMIN,
      authorization_servers: ['http://127.0.0.1:4000'],
      scopes_supported: ['clients:read', 'clients:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Administration of clients',
    });
    const userinfo = await server.app.inject({ url: '/.well-known/oauth-protected-resource/userinfo' });
    expect(userinfo.json()).toMatchObject({ resource: 'http://127.0.0.1:4000/userinfo' });
    const document = (await server.app.inject({ url: '/.well-known/oauth-authorization-server' })).json<{
      readonly protected_resources: readonly string[];
      readonly scopes_supported: readonly string[];
    }>();
    expect(document.protected_resources).not.toContain(ADMIN);
    expect(document.scopes_supported).not.toContain('clients:read');
  });

  it('tells nobody anything without a token', async () => {
    await refused(undefined, BARE, 'no_access_token');
    const unknown = await admin.call('GET', '/clients/nobody', undefined);
    expect(unknown.statusCode).toBe(401);
    expect(bearerOf(await server.app.inject({ url: '/admin/clients?access_token=x' }))).toBe(BARE);
  });

  it('does not know the browser of a person who is signed in: no cookie opens it, whatever site sends it', async () => {
    const browser = new Browser(server.app);
    await toConsent(browser, await TrialClient.register(server.app), 'anna');
    expect(browser.cookies.size).toBeGreaterThan(0);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const victim = admin.client();
    for (const [method, path] of [
      ['GET', '/clients'],
      ['POST', `/clients/${victim.id}/disable`],
      ['DELETE', `/clients/${victim.id}`],
    ] as const) {
      const answer = await admin.call(method, path, undefined, undefined, { cookie, origin: 'http://127.0.0.1:4000' });
      expect(answer.statusCode).toBe(401);
    }
    expect(server.database.clients.get(victim.id)).toEqual(victim);
  });

  it('answers no script of another origin', async () => {
    const preflight = await admin.call('OPTIONS', '/clients', undefined, undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    });
    expect(preflight.statusCode).toBe(405);
    const { token } = await admin.robot();
    const answer = await admin.call('GET', '/clients', token, undefined, { origin: 'https://evil.example' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('refuses a token of an MCP resource, of userinfo, and one that is no token', async () => {
    const { token } = await admin.robot(['invoices:read'], INVOICES);
    await refused(token, INVALID, 'wrong_audience');
    await refused('not-a-token', INVALID, 'malformed_access_token');
  });

  it('lets nobody ask about its tokens: not under its own name, and not under that of another server', async () => {
    const { token } = await admin.robot();
    const introspect = (id: string, secret: string) =>
      server.app.inject({
        method: 'POST',
        url: '/introspect',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(id, secret) },
        payload: new URLSearchParams({ token }).toString(),
      });
    for (const secret of ['', 'x', 'undefined']) expect((await introspect('gatehouse', secret)).statusCode).toBe(401);
    expect((await introspect(RESOURCE_SERVER.id, RESOURCE_SERVER.secret)).json()).toEqual({ active: false });
  });

  it('refuses a token that has expired', async () => {
    const { token } = await admin.robot();
    server.clock.advance(301);
    await refused(token, INVALID, 'malformed_access_token');
  });

  it('refuses a token at once when it was revoked, or its person or client was stopped', async () => {
    const revoked = await admin.person('anna', 'clients:read');
    await revoked.client.revoke(revoked.access_token);
    await refused(revoked.access_token, INVALID, 'authorization_revoked');

    const { token, client } = await admin.robot();
    server.database.disableClient(client.id, server.clock.now());
    await refused(token, INVALID, 'disabled_client');

    const person = await admin.person('anna', 'clients:read');
    const anna = (await server.accounts.findByUsername('anna'))!;
    server.database.accounts.set(anna.id, { ...server.database.accounts.get(anna.id), disabled: true });
    await refused(person.access_token, INVALID, 'disabled_account');
    server.database.accounts.set(anna.id, { ...server.database.accounts.get(anna.id), disabled: false });
    expect((await admin.call('GET', '/clients', person.access_token)).statusCode).toBe(200);
  });

  it('refuses what the scopes do not cover, and says which would', async () => {
    const { token } = await admin.robot(['clients:read']);
    const victim = admin.client();
    for (const [method, path, body] of [
      ['POST', '/clients', {}],
      ['PUT', `/clients/${victim.id}`, {}],
      ['DELETE', `/clients/${victim.id}`, undefined],
      ['POST', `/clients/${victim.id}/disable`, undefined],
      ['POST', `/clients/${victim.id}/enable`, undefined],
      ['POST', `/clients/${victim.id}/revoke`, undefined],
      ['POST', `/clients/${victim.id}/secrets`, {}],
      ['DELETE', `/clients/${victim.id}/secrets/previous`, undefined],
      ['POST', '/registration-tokens', {}],
      ['DELETE', '/registration-tokens/x', undefined],
    ] as const) {
      const answer = await admin.call(method, path, token, body);
      expect([method, path, answer.statusCode]).toEqual([method, path, 403]);
      expect(bearerOf(answer)).toBe(
        `Bearer error="insufficient_scope", scope="clients:write", resource_metadata="${METADATA}"`,
      );
    }
    expect(server.database.clients.get(victim.id)).toEqual(victim);
  });

  it('is closed to a person who is not entitled, whatever client asks', async () => {
    const client = new TrialClient(server.app, admin.client({ scopes: ADMIN_SCOPES }).id);
    const page = await toConsent(new Browser(server.app), client, 'ben', { resource: ADMIN, scope: 'clients:read' });
    expect(page.body).toContain('The request was denied.');
    expect(page.body).not.toContain('value="approve"');
  });

  it('cannot be asked for by a client that registered itself, whoever would agree', async () => {
    const client = await TrialClient.register(server.app);
    const page = await toConsent(new Browser(server.app), client, 'anna', { resource: ADMIN, scope: 'clients:write' });
    expect(page.body).not.toContain('value="approve"');
    expect(page.body).toContain('The resource is unknown, malformed or not granted.');
    await expect(
      approve(new Browser(server.app), client, 'anna', { resource: ADMIN, scope: 'clients:write' }),
    ).rejects.toThrow();
  });

  it('cannot be asked for by a client that was declared for anything and not for this, as the API could declare one', async () => {
    const { token } = await admin.robot();
    const declaration = {
      client_id: 'lure',
      client_name: 'Administration console',
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
    };
    expect((await admin.call('POST', '/clients', token, declaration)).statusCode).toBe(201);
    const client = new TrialClient(server.app, 'lure');
    const page = await toConsent(new Browser(server.app), client, 'anna', { resource: ADMIN, scope: 'clients:write' });
    expect(page.body).not.toContain('value="approve"');
    expect(page.body).toContain('The scope is unknown, malformed or too wide.');
  });

  it('lets through only so many requests of one network', async () => {
    const limited = await startTrialServer({ ADMIN_LIMIT_PER_NETWORK: '3/60' });
    const [of, other] = [new Administrators(limited), '198.51.100.7'];
    const { token } = await of.robot(['clients:read']);
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await of.call('GET', '/clients', token)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const elsewhere = await limited.app.inject({
      url: '/admin/clients',
      headers: { authorization: `Bearer ${token}` },
      remoteAddress: other,
    });
    expect(elsewhere.statusCode).toBe(200);
    await limited.close();
  });
});
