import { beforeAll, describe, expect, it } from '@jest/globals';
import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Client as Database } from 'pg';
import {
  type Answer,
  claimsOf,
  type Connected,
  isSignIn,
  LOOPBACK_CALLBACK,
  MemoryOAuthProvider,
  OAuthFlow,
  type Page,
  PageAgent,
  readChallenge,
  readStack,
  RecordingFetch,
  type RegisteredClient,
  rpcOf,
  tokensOf,
} from '@gatehouse/test-kit';
import { anna, invoices, invoicesUrl, issuerUrl } from './tools.js';

const issuer = new OAuthFlow(issuerUrl);
const SCOPE = 'invoices:read invoices:refund';
const UNPAID = { id: 'INV-1004', amount: 1, idempotencyKey: 'step-up-e2e-1' };

/** Lets the sign-in behind a connection, and the browser's session, have happened an hour earlier. */
async function age(accessToken: string): Promise<void> {
  const database = new Database({ connectionString: readStack().database });
  await database.connect();
  try {
    const { grant_id: grant } = claimsOf(accessToken);
    const { rowCount } = await database.query(
      `UPDATE authorizations SET authenticated_at = authenticated_at - interval '1 hour' WHERE id = $1`,
      [grant],
    );
    if (rowCount !== 1) throw new Error('there is no such authorization');
    await database.query(
      `UPDATE sessions SET authenticated_at = authenticated_at - interval '1 hour'
        WHERE sid = (SELECT sid FROM authorizations WHERE id = $1)`,
      [grant],
    );
  } finally {
    await database.end();
  }
}

const refund = (token: string): Promise<Answer> => invoices.call('refund_invoice', UNPAID, { token });

describe('a tool that moves money, for a client that was connected long ago (RFC 9470)', () => {
  const browser = new PageAgent();
  let client: RegisteredClient;
  let connected: Connected;
  let old: string;

  beforeAll(async () => {
    client = await issuer.register();
    connected = await issuer.connected({
      decision: { account: anna },
      resource: invoicesUrl,
      scope: SCOPE,
      client,
      browser,
    });
    expect(rpcOf(await refund(connected.tokens.access_token)).result).toBeDefined();
    await age(connected.tokens.access_token);
    old = tokensOf(await issuer.refresh(connected, connected.tokens.refresh_token)).access_token;
  }, 60_000);

  it('does not start, and says what to ask the issuer for', async () => {
    const answer = await refund(old);
    expect([answer.status, answer.error]).toEqual([401, 'insufficient_user_authentication']);
    expect(readChallenge(answer.header('www-authenticate')).parameters).toMatchObject({
      error: 'insufficient_user_authentication',
      max_age: '900',
      scope: SCOPE,
      resource_metadata: expect.any(String),
    });
  });

  it('leaves every other tool to the client', async () => {
    expect((await invoices.call('list_invoices', {}, { token: old })).status).toBe(200);
  });

  it('starts again when the person has signed in as the challenge says', async () => {
    const { max_age } = readChallenge((await refund(old)).header('www-authenticate')).parameters;
    const pending = issuer.begin(client, { resource: invoicesUrl, scope: SCOPE, parameters: { max_age } });
    // The session in this browser is alive, but too old for that.
    const asked = await browser.open(pending.url, pending.redirectUri);
    expect(isSignIn(asked)).toBe(true);
    const consent = await browser.signIn(asked as Page, anna, pending.redirectUri);
    const back = consent.kind === 'callback' ? consent : await browser.decide(consent, {}, pending.redirectUri);
    if (back.kind !== 'callback') throw new Error('the journey ended on a page');
    const fresh = tokensOf(await issuer.redeem(pending, back.parameters.get('code') ?? '')).access_token;
    expect(claimsOf(fresh)['auth_time']).toBeGreaterThan(Number(claimsOf(old)['auth_time']) + 3000);
    expect((await refund(fresh)).status).toBe(200);
  }, 30_000);
});

describe('a client that has never heard of it: the official SDK v2', () => {
  it('is refused without going in a circle, and loses nothing else', async () => {
    const wire = new RecordingFetch();
    const browser = new PageAgent();
    const authProvider = new MemoryOAuthProvider({
      name: 'SDK v2, connected long ago',
      redirectUri: LOOPBACK_CALLBACK,
      visit: async (url) => (await browser.authorize(url, { account: anna })).url,
    });
    const client = new Client({ name: 'old', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const transport = () =>
      new StreamableHTTPClientTransport(new URL(invoicesUrl), { authProvider, fetch: wire.fetch });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await authProvider.browse());
    const connection = transport();
    await client.connect(connection);
    const pay = () => client.callTool({ name: 'refund_invoice', arguments: UNPAID });
    await expect(pay()).rejects.toBeInstanceOf(UnauthorizedError);
    await connection.finishAuth(await authProvider.browse());
    // It arrived at the tool, which has its own reason to refuse.
    expect((await pay()).isError).toBe(true);

    await age(authProvider.tokens()!.access_token);
    await auth(authProvider, { serverUrl: invoicesUrl, fetchFn: wire.fetch });
    const before = wire.exchanges.length;
    await expect(pay()).rejects.toThrow();
    expect(wire.exchanges.length - before).toBeLessThan(10);
    expect(wire.exchanges.at(-1)?.responseHeaders.get('www-authenticate')).toContain('max_age="900"');
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    await client.close();
  }, 30_000);
});
