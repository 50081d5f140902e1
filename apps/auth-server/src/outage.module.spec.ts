import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  AuthorizationStore,
  ClientAdministrationStore,
  ClientStore,
  InteractionStore,
} from '@gatehouse/authorization-server';
import { AttemptCounter } from '@gatehouse/identity';
import { OAuthError } from '@gatehouse/protocol';
import { Administrators } from './testing/administrators.js';
import { Browser } from './testing/browser.js';
import { TrialClient, codeFor } from './testing/client.js';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

/** What every store says when PostgreSQL is gone. */
const lost = new OAuthError('temporarily_unavailable', 'store_unavailable', {
  cause: new Error('connect ECONNREFUSED'),
});

describe('an outage of the database', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeAll(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is 503 with a time to come back, never the fault of the client, and a refresh token survives it', async () => {
    const issued = await client.redeem(await codeFor(new Browser(server.app), client));
    const { refresh_token } = issued.json<{ refresh_token: string }>();
    const find = jest.spyOn(server.app.get(AuthorizationStore), 'find').mockRejectedValue(lost);
    const answer = await client.refresh(refresh_token);
    expect([answer.statusCode, answer.headers['retry-after'], answer.json<{ error: string }>().error]).toEqual([
      503,
      '1',
      'temporarily_unavailable',
    ]);
    expect(answer.body).not.toContain('ECONNREFUSED');
    expect(server.log.join('')).toContain('ECONNREFUSED');
    find.mockRestore();
    expect((await client.refresh(refresh_token)).statusCode).toBe(200);
  });

  it('is 503 for who administers too, not a bad token', async () => {
    const admin = new Administrators(server);
    const { token } = await admin.robot(['clients:read']);
    const stores = [
      jest.spyOn(server.app.get(AuthorizationStore), 'find'),
      jest.spyOn(server.app.get(ClientAdministrationStore), 'page'),
    ];
    for (const spied of stores) {
      spied.mockRejectedValue(lost);
      const answer = await admin.call('GET', '/clients', token);
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
      expect(answer.json()).toMatchObject({ type: 'urn:gatehouse:problem:temporarily_unavailable' });
      expect(answer.headers).not.toHaveProperty('www-authenticate');
      spied.mockRestore();
    }
    expect((await admin.call('GET', '/clients', token)).statusCode).toBe(200);
  });

  it('is a page for a person', async () => {
    jest.spyOn(server.app.get(InteractionStore), 'find').mockRejectedValue(lost);
    const browser = new Browser(server.app);
    const page = await browser.follow(await browser.get(client.authorizePath()));
    expect([page.status, page.headers['retry-after']]).toEqual([503, '1']);
    expect(page.body).toContain('Try again in a moment');
  });

  it('does not turn a refusal into something else when only its counting fails', async () => {
    jest.spyOn(server.app.get(AttemptCounter), 'count').mockRejectedValue(lost);
    const answer = await client.refresh('ghr_x');
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
    expect(server.log.join('')).toContain('failure_limit.failed');
  });

  it('shows nothing of a failure that is our own fault', async () => {
    jest.spyOn(server.app.get(ClientStore), 'find').mockRejectedValue(new Error('duplicate key (ghs_secret)=(anna)'));
    const answer = await client.refresh('ghr_x');
    expect([answer.statusCode, answer.json<object>()]).toEqual([
      500,
      { error: 'server_error', error_description: 'The server failed.' },
    ]);
    const page = await new Browser(server.app).get(client.authorizePath());
    expect(page.status).toBe(500);
    expect(page.body).not.toContain('anna');
  });

  it('shows in readiness and not in liveness', async () => {
    expect((await server.app.inject({ url: '/health/live' })).json()).toEqual({ live: true });
    expect((await server.app.inject({ url: '/health/ready' })).statusCode).toBe(200);
  });
});
