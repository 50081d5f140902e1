import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  Client,
  ClientCredentialsProvider,
  type OAuthClientProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import * as v1 from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ask, claimsOf, clientsCommand, form, RecordingFetch } from '@gatehouse/test-kit';
import { exportPKCS8, SignJWT } from 'jose';
import { expenses, invoices, stack } from './house.js';

const BASE = {
  client_name: 'Nightly report',
  grant_types: ['client_credentials'],
  scopes: ['invoices:read'],
};

/** Declares a client as an operator does. */
async function declare(declaration: object): Promise<{ readonly client_id: string; readonly client_secret?: string }> {
  const file = { clients: [{ client_id: `report-${randomUUID().slice(0, 13)}`, ...BASE, ...declaration }] };
  const { exitCode, output, errors } = await clientsCommand(stack, ['apply', '-', '--json'], JSON.stringify(file));
  expect([exitCode, errors]).toEqual([0, '']);
  const [applied] = JSON.parse(output) as { client_id: string; client_secret?: string }[];
  return applied!;
}

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] }, privateKey };
}

const send = (url: string, values: Readonly<Record<string, string>>) => ask(url, form(values));
const askToken = (values: Readonly<Record<string, string>>) => send(`${stack.issuer}/token`, values);

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** Connects and calls a tool; what went over the wire meanwhile. */
async function call(authProvider: OAuthClientProvider) {
  const wire = new RecordingFetch();
  const client = new Client({ name: 'report', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  closers.push(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(new URL(invoices), { authProvider, fetch: wire.fetch }));
  const result = await client.callTool({ name: 'list_invoices', arguments: {} });
  return { wire, client, result };
}

function tokenRequest(wire: RecordingFetch) {
  const exchange = wire.last('a token request', ({ url }) => url.endsWith('/token'));
  return {
    exchange,
    sent: new URLSearchParams(exchange.requestBody),
    received: JSON.parse(exchange.responseBody) as Record<string, string>,
  };
}

describe('SDK v2 without a person', () => {
  it('calls a tool with a secret: ClientCredentialsProvider (AS-68, AS-122, AS-123, CL-60)', async () => {
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'client_secret_basic' });
    const { wire, result } = await call(
      new ClientCredentialsProvider({
        clientId: client_id,
        clientSecret: client_secret!,
        expectedIssuer: stack.issuer,
      }),
    );
    expect(result.isError).not.toBe(true);
    const { sent, received } = tokenRequest(wire);
    expect(Object.fromEntries(sent)).toMatchObject({ grant_type: 'client_credentials', resource: invoices });
    expect(received).not.toHaveProperty('refresh_token');
    expect(claimsOf(received['access_token']!)).toMatchObject({
      sub: client_id,
      aud: invoices,
      scope: 'invoices:read',
    });
  });

  it('calls a tool with a signature: PrivateKeyJwtProvider (AS-56, AS-120, AS-122, CL-60)', async () => {
    const { jwks, privateKey } = keyPair();
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    expect(client_secret).toBeUndefined();
    const { wire, result } = await call(
      new PrivateKeyJwtProvider({
        clientId: client_id,
        privateKey: await exportPKCS8(privateKey),
        algorithm: 'ES256',
        expectedIssuer: stack.issuer,
      }),
    );
    expect(result.isError).not.toBe(true);
    const { exchange, sent, received } = tokenRequest(wire);
    expect(claimsOf(sent.get('client_assertion')!)).toMatchObject({
      iss: client_id,
      sub: client_id,
      aud: stack.issuer,
    });
    expect(claimsOf(received['access_token']!)).toMatchObject({ sub: client_id, client_id });
    // Whoever has read the request cannot send it again.
    const again = await send(exchange.url, Object.fromEntries(sent));
    expect([again.status, again.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_client' })]);
  });

  it('gets no tool of a resource for which it has no scope, nor a tool beyond its scopes', async () => {
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'client_secret_post' });
    const credentials = { grant_type: 'client_credentials', client_id, client_secret: client_secret! };
    for (const [wanted, error] of [
      [{ resource: expenses }, 'invalid_scope'],
      [{ resource: invoices, scope: 'invoices:refund' }, 'invalid_scope'],
      [{ resource: 'https://other.example/mcp' }, 'invalid_target'],
    ] as const)
      expect((await askToken({ ...credentials, ...wanted })).json()).toMatchObject({
        error,
      });
  });
});

describe('SDK v1 without a person', () => {
  /** Connects in revision 2025-11-25 and calls a tool; the token request meanwhile. */
  async function callV1(authProvider: v1.ClientCredentialsProvider | v1.PrivateKeyJwtProvider) {
    const wire = new RecordingFetch();
    const client = new ClientV1({ name: 'report', version: '1' });
    closers.push(() => client.close());
    await client.connect(new TransportV1(new URL(invoices), { authProvider, fetch: wire.fetch }));
    const result = await client.callTool({ name: 'list_invoices', arguments: {} });
    expect(result.isError).not.toBe(true);
    return tokenRequest(wire);
  }

  it('calls a tool with a secret: ClientCredentialsProvider (AS-68, AS-122)', async () => {
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'client_secret_basic' });
    const { received } = await callV1(
      new v1.ClientCredentialsProvider({
        clientId: client_id,
        clientSecret: client_secret!,
        expectedIssuer: stack.issuer,
      }),
    );
    expect(claimsOf(received['access_token']!)).toMatchObject({ sub: client_id, aud: invoices });
  });

  it('calls a tool with a signature: PrivateKeyJwtProvider (AS-56, AS-120)', async () => {
    const { jwks, privateKey } = keyPair();
    const { client_id } = await declare({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const { sent, received } = await callV1(
      new v1.PrivateKeyJwtProvider({
        clientId: client_id,
        privateKey: await exportPKCS8(privateKey),
        algorithm: 'ES256',
        expectedIssuer: stack.issuer,
      }),
    );
    expect(claimsOf(sent.get('client_assertion')!)).toMatchObject({ iss: client_id, aud: stack.issuer });
    expect(claimsOf(received['access_token']!)).toMatchObject({ sub: client_id, aud: invoices });
  });
});

describe('a client that an operator stops', () => {
  it('is refused at once, and its tokens at the resource soon after (AS-120)', async () => {
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'client_secret_post' });
    const request = { grant_type: 'client_credentials', client_id, client_secret: client_secret!, resource: invoices };
    const token = (await askToken(request)).json<{ access_token: string }>();
    expect((await clientsCommand(stack, ['disable', client_id])).exitCode).toBe(0);
    expect((await askToken(request)).json()).toMatchObject({ error: 'invalid_client' });
    const { endpoint, clientId, clientSecret } = stack.introspection;
    const introspected = await send(endpoint, {
      token: token.access_token,
      client_id: clientId,
      client_secret: clientSecret,
    });
    expect(introspected.json()).toEqual({ active: false });
    expect((await clientsCommand(stack, ['enable', client_id])).exitCode).toBe(0);
    expect((await askToken(request)).status).toBe(200);
  });

  it('may use two secrets while one replaces the other', async () => {
    const { client_id, client_secret } = await declare({ token_endpoint_auth_method: 'client_secret_post' });
    const rotated = await clientsCommand(stack, ['rotate-secret', client_id, '--json']);
    const [next] = JSON.parse(rotated.output) as { client_secret: string }[];
    const statusWith = async (secret: string) =>
      (await askToken({ grant_type: 'client_credentials', client_id, client_secret: secret, resource: invoices }))
        .status;
    expect(await Promise.all([client_secret!, next!.client_secret].map(statusWith))).toEqual([200, 200]);
    await clientsCommand(stack, ['rotate-secret', client_id, '--overlap', '0']);
    expect(await Promise.all([client_secret!, next!.client_secret].map(statusWith))).toEqual([400, 400]);
  });
});

describe('an assertion', () => {
  it('is good once of twenty times at once (AS-56)', async () => {
    const { jwks, privateKey } = keyPair();
    const { client_id } = await declare({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const client_assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(stack.issuer)
      .setExpirationTime('1 minute')
      .sign(privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const request = { grant_type: 'client_credentials', resource: invoices, client_assertion, client_assertion_type };
    const answers = await Promise.all(Array.from({ length: 20 }, () => askToken(request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is no use when it is addressed to the token endpoint (AS-56)', async () => {
    const { jwks, privateKey } = keyPair();
    const { client_id } = await declare({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const client_assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(`${stack.issuer}/token`)
      .setExpirationTime('1 minute')
      .sign(privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const answer = await askToken({
      grant_type: 'client_credentials',
      resource: invoices,
      client_assertion,
      client_assertion_type,
    });
    expect(answer.json()).toMatchObject({ error: 'invalid_client' });
  });
});
