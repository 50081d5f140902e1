import type { Client } from '@gatehouse/authorization-server';
import { aClient } from '@gatehouse/authorization-server/testing';
import { basic, type ClientId, newSecret } from '@gatehouse/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { Browser } from './browser.js';
import { approve, TrialClient } from './client.js';
import type { TrialServer } from './trial-server.js';

export const ADMIN = 'http://127.0.0.1:4000/admin';

/** Callers of the administration, as an operator lets them in: a program for itself, or a person through a client. */
export class Administrators {
  constructor(private readonly server: TrialServer) {}

  client(overrides: Partial<Client> = {}): Client {
    const client = aClient({
      id: `app-${String(this.server.database.clients.size)}` as ClientId,
      origin: 'pre-registered',
      ...overrides,
    });
    this.server.database.clients.set(client.id, client);
    return client;
  }

  /** The token of a program. */
  async robot(
    scopes: readonly string[] = ['clients:read', 'clients:write'],
    resource = ADMIN,
  ): Promise<{ readonly token: string; readonly client: Client }> {
    const secret = newSecret('ghs_');
    const client = this.client({
      redirectUris: [],
      grantTypes: ['client_credentials'],
      authMethod: 'client_secret_basic',
      secrets: [{ hash: this.server.secrets.hash(secret) }],
      scopes,
    });
    const answer = await this.server.app.inject({
      method: 'POST',
      url: '/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(client.id, secret),
      },
      payload: new URLSearchParams({ grant_type: 'client_credentials', resource }).toString(),
    });
    return { token: answer.json<{ access_token: string }>().access_token, client };
  }

  /** The token of a person, by sign-in and consent. */
  async person(username: string, scope: string, browser = new Browser(this.server.app)) {
    const { id } = this.client({ scopes: ['clients:read', 'clients:write'] });
    const client = new TrialClient(this.server.app, id);
    const redirect = await approve(browser, client, username, { resource: ADMIN, scope });
    const answer = await client.redeem(redirect.searchParams.get('code') ?? '');
    return { client, ...answer.json<{ access_token: string; refresh_token: string; scope: string }>() };
  }

  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS',
    path: string,
    token?: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LightMyRequestResponse> {
    return this.server.app.inject({
      method,
      url: `/admin${path}`,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body ? { payload: body } : {}),
    });
  }
}
