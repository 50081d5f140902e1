import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  isConsent,
  LOOPBACK_CALLBACK,
  McpRaw,
  type Page,
  readChallenge,
  type RegisteredClient,
  scopesOffered,
} from '@gatehouse/test-kit';
import { anna, ben, expenses, house, invoices, stack } from './house.js';

/** One client, two people: what a client gets is what its person may do. */
describe('two people with different rights', () => {
  let client: RegisteredClient;
  beforeAll(async () => {
    client = await house.register();
  });
  const everything = 'invoices:read invoices:write invoices:refund';

  it('are offered different scopes for the same request (AS-36, AS-41)', async () => {
    const offered = async (account: typeof anna) => {
      const browser = house.browser();
      const page = await browser.open(
        house.begin(client, { resource: invoices, scope: everything }).url,
        LOOPBACK_CALLBACK,
      );
      const consent = (await browser.signIn(page as Page, account, LOOPBACK_CALLBACK)) as Page;
      expect(isConsent(consent)).toBe(true);
      return { scopes: scopesOffered(consent), text: consent.text };
    };
    const [annas, bens] = [await offered(anna), await offered(ben)];
    expect(annas.scopes).toEqual(everything.split(' '));
    expect(bens.scopes).toEqual(['invoices:read']);
    expect(bens.text).toContain('invoices:refund');
  });

  it('get different tokens, and the narrower one still works for what it covers (AS-41, RS-49)', async () => {
    const bens = await house.connected({ client, decision: { account: ben }, resource: invoices, scope: everything });
    expect(bens.tokens.scope).toBe('invoices:read');
    const tools = new McpRaw(invoices);
    const token = bens.tokens.access_token;
    expect((await tools.call('list_invoices', {}, { token })).status).toBe(200);
    const refund = await tools.call('refund_invoice', { invoice: 'x', amount: 1, reason: 'x' }, { token });
    expect(refund.status).toBe(403);
    expect(readChallenge(refund.header('www-authenticate')).parameters).toMatchObject({
      error: 'insufficient_scope',
      scope: expect.stringContaining('invoices:refund'),
    });
  });

  it('are refused by redirect when nothing they asked for is theirs to give (AS-28)', async () => {
    const pending = house.begin(client, { resource: invoices, scope: 'invoices:refund' });
    const callback = await house.browser().authorize(pending.url, { account: ben });
    expect(Object.fromEntries(callback.parameters)).toMatchObject({
      error: 'access_denied',
      state: pending.state,
      iss: stack.issuer,
    });
    await expect(
      house.connected({ client, decision: { account: anna }, resource: invoices, scope: 'invoices:refund' }),
    ).resolves.toMatchObject({ tokens: { scope: 'invoices:refund' } });
  });

  it('each keep to one resource: no scopes of the other come along (AS-59)', async () => {
    const bens = await house.connected({
      client,
      decision: { account: ben },
      resource: expenses,
      scope: 'expenses:read expenses:submit expenses:approve',
    });
    expect(bens.tokens.scope).toBe('expenses:read expenses:submit');
    expect((await new McpRaw(invoices).call('list_invoices', {}, { token: bens.tokens.access_token })).status).toBe(
      401,
    );
    expect((await new McpRaw(expenses).call('list_expenses', {}, { token: bens.tokens.access_token })).status).toBe(
      200,
    );
  });
});
