import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  LOOPBACK_CALLBACK,
  OAuthFlow,
  type RegisteredClient,
  registrationTokensCommand,
  type Replica,
  startReplica,
} from '@gatehouse/test-kit';
import * as oauth from 'oauth4webapi';
import { whileDisabled } from '../attacks/operator.js';
import { anna, house, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const http = { [oauth.allowInsecureRequests]: true } as const;

type Managed = RegisteredClient & {
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
};
const CONFIDENTIAL = {
  redirect_uris: [LOOPBACK_CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_basic',
};

describe('a client that looks after its registration', () => {
  const managed = async () => (await house.register({ token_endpoint_auth_method: 'client_secret_basic' })) as Managed;
  const ask = (method: string, client: Managed, token = client.registration_access_token, body?: object) =>
    fetch(client.registration_client_uri, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const put = (client: Managed, change: object, token?: string) =>
    ask('PUT', client, token, { ...CONFIDENTIAL, client_id: client.client_id, ...change });

  it('reads, changes and ends it (AS-105)', async () => {
    const client = await managed();
    const read = await ask('GET', client);
    expect([read.status, read.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await read.json()).toMatchObject({ client_id: client.client_id, redirect_uris: [LOOPBACK_CALLBACK] });

    const changed = await put(client, { client_name: 'Renamed', redirect_uris: ['https://app.example/cb'] });
    expect(changed.status).toBe(200);
    expect(await (await ask('GET', client)).json()).toMatchObject({
      client_name: 'Renamed',
      redirect_uris: ['https://app.example/cb'],
      application_type: 'web',
    });

    expect((await ask('DELETE', client)).status).toBe(204);
    expect((await ask('GET', client)).status).toBe(401);
    const answer = await house.browser().exchange(house.begin(client, { resource: invoices }).url);
    expect([answer.status, answer.header('location')]).toEqual([400, undefined]);
  });

  it('is judged at a change as at registration, and does not choose what is not its own (AS-105)', async () => {
    const client = await managed();
    for (const change of [
      { redirect_uris: ['javascript:alert(1)'] },
      { redirect_uris: ['http://app.example/cb'] },
      { application_type: 'web' },
      { grant_types: ['client_credentials'] },
      { client_id: 'c_other' },
      { client_secret: 'chosen' },
      { registration_access_token: 'chosen' },
    ])
      expect([change, (await put(client, change)).status]).toEqual([change, 400]);
    expect(await (await ask('GET', client)).json()).toMatchObject({ redirect_uris: [LOOPBACK_CALLBACK] });
  });

  it('is out of reach for every other token, and of its own while it is disabled (AS-105)', async () => {
    const [client, other] = [await managed(), await managed()];
    const reach = async (token?: string) => [
      (await ask('GET', client, token)).status,
      (await put(client, {}, token)).status,
      (await ask('DELETE', client, token)).status,
    ];
    expect(await reach(other.registration_access_token)).toEqual([401, 401, 401]);
    await whileDisabled('clients', client.client_id, async () => {
      expect(await reach()).toEqual([403, 403, 403]);
    });
    expect((await ask('GET', client)).status).toBe(200);
  });
});

describe('a hosted client that registers at each connection', () => {
  it('is one client however often it comes, which nobody can manage (AS-104)', async () => {
    const metadata = { client_name: `Hosted ${randomUUID()}` };
    const clients = await Promise.all(Array.from({ length: 42 }, () => house.register(metadata)));
    expect(new Set(clients.map(({ client_id }) => client_id)).size).toBe(1);
    for (const client of clients) expect(client).not.toHaveProperty('registration_access_token');
    const sessions = await Promise.all(
      clients.slice(0, 2).map((client) => house.connected({ client, resource: invoices, decision: { account: anna } })),
    );
    const [one, other] = sessions.map(({ tokens }) => tokens.refresh_token);
    expect(one).not.toBe(other);
  });
});

describe('a house that registers by invitation', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = await startReplica(stack, { ...WIDE_LIMITS, DYNAMIC_REGISTRATION: 'token' });
  }, 30_000);
  afterAll(() => replica.stop());

  it('registers with a token of the operator, as often as it says and by the book of a strict client (AS-104)', async () => {
    const made = await registrationTokensCommand(stack, ['create', '--label', 'e2e', '--uses', '1', '--json']);
    expect([made.exitCode, made.errors]).toEqual([0, '']);
    const { id, token } = JSON.parse(made.output) as { id: string; token: string };
    const server: oauth.AuthorizationServer = {
      issuer: stack.issuer,
      registration_endpoint: `${replica.origin}/register`,
    };
    const register = async () =>
      oauth.processDynamicClientRegistrationResponse(
        await oauth.dynamicClientRegistrationRequest(
          server,
          { ...CONFIDENTIAL, client_name: 'By invitation' },
          { initialAccessToken: token, ...http },
        ),
      );
    expect(await register()).toMatchObject({
      client_name: 'By invitation',
      registration_access_token: expect.any(String),
    });
    await expect(register()).rejects.toThrow();
    expect((await registrationTokensCommand(stack, ['list'])).output).toContain(`${id}  spent`);
  });

  it('turns away who has none (AS-104)', async () => {
    const answer = await new OAuthFlow(stack.issuer, { via: () => replica.origin }).registration();
    expect([answer.status, answer.error]).toEqual([401, 'invalid_token']);
    expect(answer.header('www-authenticate')).toBe('Bearer realm="gatehouse"');
  });
});
