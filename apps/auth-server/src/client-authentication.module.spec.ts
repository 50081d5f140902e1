import { SigningClient, aClient } from '@gatehouse/authorization-server/testing';
import type { Client } from '@gatehouse/authorization-server';
import { type ClientId, basic, newSecret } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { EXPENSES, INVOICES, RESOURCE_SERVER, type TrialServer, startTrialServer } from './testing/trial-server.js';

const ISSUER = 'http://127.0.0.1:4000';

describe('clients that prove who they are', () => {
  let server: TrialServer;
  let signer: SigningClient;
  beforeAll(async () => {
    server = await startTrialServer();
    signer = await SigningClient.create();
  });
  afterAll(() => server.close());

  function given(overrides: Partial<Client>): Client {
    const client = aClient({
      id: `app-${String(server.database.clients.size)}` as ClientId,
      origin: 'pre-registered',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      scopes: ['invoices:read'],
      ...overrides,
    });
    server.database.clients.set(client.id, client);
    return client;
  }
  const signing = (overrides: Partial<Client> = {}) =>
    given({ authMethod: 'private_key_jwt', keys: { jwks: [signer.publicJwk] }, ...overrides });
  const assertionOf = ({ id }: Client) => signer.parameters({ id, issuer: ISSUER, now: server.clock.now() });
  const post = (path: string, values: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
    server.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(values).toString(),
    });
  const ask = { grant_type: 'client_credentials', resource: INVOICES };

  it('get a token for themselves by secret in the header, with 200 and no refresh token (AS-68, AS-122, AS-123)', async () => {
    const secret = newSecret('ghs_');
    const client = given({ authMethod: 'client_secret_basic', secrets: [{ hash: server.secrets.hash(secret) }] });
    const answer = await post('/token', ask, { authorization: basic(client.id, secret) });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = answer.json<Record<string, string>>();
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(decodeJwt(body['access_token']!)).toMatchObject({ sub: client.id, client_id: client.id, aud: INVOICES });
  });

  it('get it by signature, and the same assertion opens nothing twice, at no endpoint (AS-56)', async () => {
    const client = signing();
    const assertion = await assertionOf(client);
    const first = await post('/token', { ...ask, ...assertion });
    expect(first.statusCode).toBe(200);
    const { access_token: token } = first.json<{ access_token: string }>();
    for (const [path, values] of [
      ['/token', ask],
      ['/revoke', { token }],
    ] as const) {
      const again = await post(path, { ...values, ...assertion });
      expect(again.statusCode).toBe(400);
      expect(again.json()).toEqual({ error: 'invalid_client', error_description: 'Client authentication failed.' });
    }
    expect((await post('/revoke', { token, ...(await assertionOf(client)) })).statusCode).toBe(200);
    const introspected = await post(
      '/introspect',
      { token },
      { authorization: basic(RESOURCE_SERVER.id, RESOURCE_SERVER.secret) },
    );
    expect(introspected.json()).toEqual({ active: false });
    expect(server.log.join('')).not.toContain(assertion.client_assertion.split('.')[2]);
  });

  it('are told active by introspection, with themselves as subject', async () => {
    const client = signing();
    const { access_token: token } = (await post('/token', { ...ask, ...(await assertionOf(client)) })).json<{
      access_token: string;
    }>();
    const answer = await post(
      '/introspect',
      { token },
      { authorization: basic(RESOURCE_SERVER.id, RESOURCE_SERVER.secret) },
    );
    expect(answer.json()).toMatchObject({ active: true, sub: client.id, client_id: client.id, scope: 'invoices:read' });
  });

  it('may publish their keys and are known by what is there', async () => {
    const jwksUri = 'https://app.example/jwks';
    const client = signing({ keys: { jwksUri } });
    server.keySource.published.set(jwksUri, { keys: [signer.publicJwk] });
    expect((await post('/token', { ...ask, ...(await assertionOf(client)) })).statusCode).toBe(200);
  });

  it('may do nothing beyond their registration: neither elsewhere, nor more, nor after their end (AS-68, AS-120)', async () => {
    const client = signing();
    const refused = async (values: Readonly<Record<string, string>>) => {
      const answer = await post('/token', { ...ask, ...(await assertionOf(client)), ...values });
      return [answer.statusCode, answer.json<{ error: string }>().error];
    };
    expect(await refused({ scope: 'invoices:refund' })).toEqual([400, 'invalid_scope']);
    expect(await refused({ resource: EXPENSES })).toEqual([400, 'invalid_scope']);
    expect(await refused({ resource: 'https://other.example' })).toEqual([400, 'invalid_target']);
    server.database.disableClient(client.id, server.clock.now());
    expect(await refused({})).toEqual([400, 'invalid_client']);
    const dynamic = signing({ origin: 'dynamic' });
    const answer = await post('/token', { ...ask, ...(await assertionOf(dynamic)) });
    expect(answer.json()).toMatchObject({ error: 'unauthorized_client' });
  });

  it('find in the metadata what they may use, and nothing they may not (AS-11, AS-121)', async () => {
    const metadata = (await server.app.inject({ url: '/.well-known/oauth-authorization-server' })).json<
      Record<string, string[]>
    >();
    expect(metadata['grant_types_supported']).toContain('client_credentials');
    expect(metadata['token_endpoint_auth_methods_supported']).toEqual(
      expect.arrayContaining(['client_secret_basic', 'private_key_jwt']),
    );
    for (const alg of metadata['token_endpoint_auth_signing_alg_values_supported'] ?? []) {
      const each = await SigningClient.create(alg);
      const client = given({ authMethod: 'private_key_jwt', keys: { jwks: [each.publicJwk] } });
      const parameters = await each.parameters({ id: client.id, issuer: ISSUER, now: server.clock.now() });
      expect([alg, (await post('/token', { ...ask, ...parameters })).statusCode]).toEqual([alg, 200]);
    }
  });

  it('are counted by the grant they used', async () => {
    const text = await server.metrics.text();
    expect(text).toMatch(/gatehouse_tokens_issued_total\{.*grant="client_credentials".*\} [1-9]/);
  });

  it('are not locked out by a guesser behind the same address who uses their name: he is told to wait, they are served (AS-54)', async () => {
    const [victim, bystander] = [signing(), signing()];
    const stranger = await SigningClient.create();
    const guess = async () =>
      post('/token', {
        ...ask,
        ...(await stranger.parameters({ id: victim.id, issuer: ISSUER, now: server.clock.now() })),
      });
    const statuses = [];
    for (let attempt = 0; attempt < 101; attempt += 1) statuses.push((await guess()).statusCode);
    expect([statuses[99], statuses[100]]).toEqual([400, 429]);
    expect((await post('/token', { ...ask, ...(await assertionOf(victim)) })).statusCode).toBe(200);
    expect((await post('/token', { ...ask, ...(await assertionOf(bystander)) })).statusCode).toBe(200);
    expect((await guess()).statusCode).toBe(429);
  });
});
