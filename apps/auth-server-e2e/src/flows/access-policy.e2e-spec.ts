/**
 * An operator and the access policy, by command against the stack that serves. The rules are about a client of this
 * file's own, so that nobody else's flows notice them.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { accessCommand, McpRaw, type RegisteredClient, rpcOf, tokensOf } from '@gatehouse/test-kit';
import { ben, expenses, house, invoices, stack } from './house.js';
import { NEW_INVOICE } from './new-invoice.js';

const { clientId, clientSecret } = stack.introspection;
const GROUP = `local/clerks-${randomUUID().slice(0, 8)}`;
const BOTH = 'invoices:read invoices:write';

async function access(args: readonly string[], input = ''): Promise<string> {
  const { exitCode, output, errors } = await accessCommand(stack, args, input);
  if (exitCode !== 0) throw new Error(errors);
  return output;
}
const apply = (rules: readonly object[], ...more: readonly string[]) =>
  access(['apply', '-', ...more], JSON.stringify({ rules }));
const member = (verb: 'add' | 'remove') => access(['groups', verb, ben.username, GROUP]);
const scopeNow = async (token: string) =>
  (await house.introspect(basic(clientId, clientSecret), token)).json<{ active: boolean; scope?: string }>();

describe('who may get which scope, by an access policy', () => {
  let client: RegisteredClient;
  let rule: { readonly id: string; readonly scopes: readonly string[]; readonly groups: readonly string[] };
  beforeAll(async () => {
    client = await house.register();
    const scopes = ['invoices:write'];
    rule = Object.assign(
      { id: 'clerks-write', resource: invoices, clients: [client.client_id] },
      { scopes, groups: [GROUP] },
    );
  });
  afterAll(async () => {
    await apply([]);
    await member('remove');
  });
  const connected = (by = client, scope = BOTH) =>
    house.connected({ client: by, decision: { account: ben }, resource: invoices, scope });
  const explain = () =>
    access(['explain', '--account', ben.username, '--client', client.client_id, '--resource', invoices]);

  it('gives ben nothing that no rule and no entitlement gives him (AS-36)', async () => {
    expect((await connected()).tokens.scope).toBe('invoices:read');
    expect(await apply([rule], '--dry-run')).toContain('clerks-write: would be added');
    expect(await access(['list'])).not.toContain('clerks-write');
  });

  it('gives it by group, takes it back with the group, and the next refresh and introspection show it (AS-41)', async () => {
    expect(await apply([rule])).toContain('clerks-write: added');
    expect((await connected()).tokens.scope).toBe('invoices:read');
    expect(await explain()).toContain('the account is in none of its groups');

    await member('add');
    expect(await explain()).toMatch(
      /rule clerks-write: matches: invoices:write[^]*result: invoices:read invoices:write/,
    );
    const session = await connected();
    expect(session.tokens.scope).toBe(BOTH);
    const token = { token: session.tokens.access_token };
    const created = await new McpRaw(invoices).call('create_invoice', { ...NEW_INVOICE }, token);
    expect([created.status, rpcOf(created).result?.['isError']]).not.toContain(true);
    expect(created.status).toBe(200);

    await member('remove');
    expect(await scopeNow(session.tokens.access_token)).toMatchObject({ active: true, scope: 'invoices:read' });
    const refreshed = tokensOf(await house.refresh(session, session.tokens.refresh_token));
    expect(refreshed.scope).toBe('invoices:read');
    await member('add');
    expect(tokensOf(await house.refresh(session, refreshed.refresh_token)).scope).toBe(BOTH);
  });

  it('gives it through the client that the rule names, and through no other one', async () => {
    await apply([rule]);
    await member('add');
    const other = await house.register();
    expect((await connected(other)).tokens.scope).toBe('invoices:read');
    const session = await connected();
    const swapped = await house.refresh({ client: other, resource: invoices }, session.tokens.refresh_token);
    expect([swapped.status, swapped.error]).toEqual([400, 'invalid_grant']);
    expect((await scopeNow(session.tokens.access_token)).scope).toBe(BOTH);
  });

  it('refuses a code whose rule was removed after the consent, and says from whom that takes something', async () => {
    await apply([rule]);
    await member('add');
    const pending = house.begin(client, { resource: invoices, scope: 'invoices:write' });
    const code = await house.approve(house.browser(), pending, { account: ben });
    expect(await apply([])).toMatch(new RegExp(`takes something from 1 person:\\s+${ben.username}: invoices:write`));
    const refused = await house.redeem(pending, code);
    expect([refused.status, refused.error]).toEqual([400, 'invalid_grant']);
    await apply([rule]);
    expect(tokensOf(await house.redeem(pending, code)).scope).toBe('invoices:write');
  });

  it('is applied as a whole or not at all', async () => {
    await apply([rule]);
    const wrong = { ...rule, id: 'wrong', scopes: ['*'], resource: expenses };
    const { exitCode, errors } = await accessCommand(stack, ['apply', '-'], JSON.stringify({ rules: [wrong] }));
    expect([exitCode, errors]).toEqual([1, expect.stringContaining(`wrong: scopes: ${expenses} has no *`)]);
    expect(await access(['list'])).toContain('clerks-write');
  });
});
