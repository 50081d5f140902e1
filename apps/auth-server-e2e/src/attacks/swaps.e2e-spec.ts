import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Connected, McpRaw, type PageAgent, tokensOf } from '@gatehouse/test-kit';
import { anna, expenses, house, invoices } from '../flows/house.js';
import { reasonsOf } from './refusals.js';

type Change = Readonly<Record<string, string | undefined>>;

/**
 * Client, resource and scope are bound to what was approved. GHSA-p2fr-6hmx-4528 (resource swapped at the token step),
 * CVE-2026-16089 and CVE-2026-55672 (refresh tokens of any client), CVE-2025-69196 (one token for every server).
 */
describe('a swap', () => {
  let session: Connected;
  let browser: PageAgent;

  beforeAll(async () => {
    browser = house.browser();
    session = await house.connected({ decision: { account: anna }, resource: invoices, browser });
  });
  /** Refused for this reason, and the family lives on. */
  async function expectRefused(change: Change, error: string, reason: string): Promise<void> {
    const token = session.tokens.refresh_token;
    let answer: string | undefined;
    const reasons = await reasonsOf(async () => {
      answer = (await house.refresh(session, token, change)).error;
    });
    expect([change, answer, reasons]).toEqual([change, error, [reason]]);
    session = { ...session, tokens: tokensOf(await house.refresh(session, token)) };
  }

  it('of the resource at refresh gives no token for the other one', async () => {
    await expectRefused({ resource: expenses }, 'invalid_target', 'resource_not_granted');
    await expectRefused({ resource: new URL(invoices).origin }, 'invalid_target', 'resource_not_granted');
    await expectRefused({ resource: `${invoices}/` }, 'invalid_target', 'resource_not_granted');
    await expectRefused({ resource: `${invoices}?x=1` }, 'invalid_target', 'resource_not_granted');
    await expectRefused({ resource: `${invoices}#x` }, 'invalid_target', 'malformed_resource');
  });

  it('by a second resource beside the right one gives no token for both', async () => {
    const fields = { grant_type: 'refresh_token', refresh_token: session.tokens.refresh_token };
    const body = new URLSearchParams({ ...fields, client_id: session.client.client_id, resource: invoices });
    body.append('resource', expenses);
    const answer = await house.ask('token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    expect([answer.status, answer.error]).toEqual([400, 'invalid_target']);
  });

  it('of the client at refresh gives a stranger nothing, whatever credentials they have', async () => {
    const stranger = await house.register();
    await expectRefused({ client_id: stranger.client_id }, 'invalid_grant', 'refresh_token_of_other_client');
    const confidential = await house.register({ token_endpoint_auth_method: 'client_secret_post' });
    const { client_id, client_secret } = confidential;
    await expectRefused({ client_id, client_secret }, 'invalid_grant', 'refresh_token_of_other_client');
  });

  it('of the scope at refresh gives no more than was approved', async () => {
    await expectRefused({ scope: 'invoices:read invoices:write' }, 'invalid_scope', 'scope_not_granted');
    await expectRefused({ scope: 'expenses:read' }, 'invalid_scope', 'scope_not_granted');
  });

  it('of one kind of secret for another opens nothing', async () => {
    const { access_token, refresh_token } = session.tokens;
    const pending = house.begin(session.client, { resource: invoices });
    const code = await house.approve(browser, pending, { account: anna });
    for (const token of [code, access_token]) expect((await house.refresh(session, token)).error).toBe('invalid_grant');
    for (const token of [refresh_token, access_token])
      expect((await house.redeem(pending, token)).error).toBe('invalid_grant');
    for (const token of [code, refresh_token])
      expect((await new McpRaw(invoices).modern('tools/list', { token })).status).toBe(401);
    expect((await house.redeem(pending, code)).status).toBe(200);
    session = { ...session, tokens: tokensOf(await house.refresh(session, refresh_token)) };
  });

  it.each([
    ['invoices', 'expenses', invoices, expenses],
    ['expenses', 'invoices', expenses, invoices],
  ])('of the resource server: a token for %s opens nothing at %s', async (_, __, own, other) => {
    const { tokens } = await house.connected({ decision: { account: anna }, resource: own, browser });
    const token = tokens.access_token;
    const reasons = await reasonsOf(async () => {
      expect((await new McpRaw(other).modern('tools/list', { token })).status).toBe(401);
      expect((await new McpRaw(other).legacy('tools/list', { token })).status).toBe(401);
    }, 'resource-server');
    expect(reasons).toEqual(['wrong_audience', 'wrong_audience']);
    expect((await new McpRaw(own).modern('tools/list', { token })).status).toBe(200);
  });
});
