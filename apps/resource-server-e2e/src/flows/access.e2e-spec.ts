import { beforeAll, describe, expect, it } from '@jest/globals';
import { ask, claimsOf, pause, readChallenge, rpcOf } from '@gatehouse/test-kit';
import {
  anna,
  ben,
  connect,
  expenses,
  expensesUrl,
  invoices,
  invoicesUrl,
  resultOf,
  revoke,
  tokenOf,
} from './tools.js';

/** LIVENESS_SECONDS, and what a busy machine adds. */
const PATIENCE_SECONDS = 20;

let reading: string;
let everything: string;
let bens: string;

beforeAll(async () => {
  [reading, everything, bens] = await Promise.all([
    tokenOf(anna, invoicesUrl, 'invoices:read'),
    tokenOf(anna, invoicesUrl, 'invoices:read invoices:write invoices:refund'),
    tokenOf(ben, expensesUrl, 'expenses:read expenses:submit'),
  ]);
}, 60_000);

describe('a token of the real issuer', () => {
  it('RS-42, RS-43: opens the one resource that it names', async () => {
    expect(claimsOf(reading)['aud']).toBe(invoicesUrl);
    expect((await invoices.modern('tools/list', { token: reading })).status).toBe(200);
    for (const [mcp, token] of [
      [expenses, reading],
      [invoices, bens],
    ] as const) {
      const answer = await mcp.modern('tools/list', { token });
      expect(answer.status).toBe(401);
      expect(readChallenge(answer.header('www-authenticate')).parameters['error']).toBe('invalid_token');
    }
  });

  it('RS-43: opens nothing when it was changed, stripped of its signature, or re-signed with the public key', async () => {
    const [header = '', claims = '', signature = ''] = reading.split('.');
    const json = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = [
      `${header}.${encode({ ...json, scope: 'invoices:refund' })}.${signature}`,
      `${encode({ typ: 'at+jwt', alg: 'none' })}.${claims}.`,
      `${header}.${claims}.`,
      `${header}.${claims}.${'A'.repeat(86)}`,
      `${claims}.${claims}.${signature}`,
    ];
    for (const token of forged) expect((await invoices.modern('tools/list', { token })).status).toBe(401);
  });

  it('RS-25, RS-40: must stand in the header, once', async () => {
    const url = `${invoicesUrl}?access_token=${reading}`;
    expect((await ask(url, { method: 'POST', body: '{}' })).status).toBe(401);
    const headers = { authorization: `Bearer ${reading}` };
    expect((await ask(url, { method: 'POST', headers, body: '{}' })).status).toBe(400);
  });

  it('RS-44: opens nothing any more soon after its authorization was revoked, long before it expires', async () => {
    const connected = await connect(anna, invoicesUrl, 'invoices:read');
    const token = connected.tokens.access_token;
    expect((await invoices.modern('tools/list', { token })).status).toBe(200);
    await revoke(connected);
    let status = 200;
    const until = Date.now() + PATIENCE_SECONDS * 1000;
    while (status === 200 && Date.now() < until) {
      ({ status } = await invoices.modern('tools/list', { token }));
      await pause(250);
    }
    expect(status).toBe(401);
    expect((await invoices.modern('tools/list', { token: reading })).status).toBe(200);
  }, 40_000);
});

describe('tools', () => {
  it('RS-24: say all that they need when a scope is missing', async () => {
    const answer = await invoices.call('refund_invoice', {}, { token: reading });
    expect(answer.status).toBe(403);
    expect(readChallenge(answer.header('www-authenticate')).parameters).toMatchObject({
      error: 'insufficient_scope',
      scope: 'invoices:read invoices:refund',
    });
  });

  it('pay back once for one key, and never more than was paid', async () => {
    const { structuredContent: made } = await resultOf(
      invoices,
      'create_invoice',
      { customer: 'E2E Ltd', description: 'A test', amount: 500 },
      everything,
    );
    const { id } = made as { id: string };
    const unpaid = { id, amount: 1, idempotencyKey: `key-${id}-1` };
    expect(await resultOf(invoices, 'refund_invoice', unpaid, everything)).toMatchObject({ isError: true });
    const tooMuch = { id: 'INV-1003', amount: 90_000_000, idempotencyKey: `key-${id}-2` };
    expect(await resultOf(invoices, 'refund_invoice', tooMuch, everything)).toMatchObject({ isError: true });
    const refund = { id: 'INV-1003', amount: 1, idempotencyKey: `key-${id}-3` };
    const first = await resultOf(invoices, 'refund_invoice', refund, everything);
    expect(await resultOf(invoices, 'refund_invoice', refund, everything)).toEqual(first);
  });

  it('RS-47: keep people apart whom no scope keeps apart', async () => {
    const submitted = await resultOf(expenses, 'submit_expense', { description: 'Taxi', amount: 1800 }, bens);
    const { id } = submitted['structuredContent'] as { id: string };
    const annas = await tokenOf(anna, expensesUrl, 'expenses:read expenses:submit');
    expect(JSON.stringify(await resultOf(expenses, 'list_expenses', {}, bens))).toContain(id);
    expect(JSON.stringify(await resultOf(expenses, 'list_expenses', {}, annas))).not.toContain(id);
    const approver = await tokenOf(anna, expensesUrl, 'expenses:read expenses:submit expenses:approve');
    expect(await resultOf(expenses, 'approve_expense', { id }, approver)).toMatchObject({
      structuredContent: { id, status: 'approved' },
    });
    const own = await resultOf(expenses, 'submit_expense', { description: 'Train', amount: 900 }, approver);
    const { id: ownId } = own['structuredContent'] as { id: string };
    expect(await resultOf(expenses, 'approve_expense', { id: ownId }, approver)).toMatchObject({ isError: true });
  });

  it('RS-49: are all listed to a narrow token', async () => {
    const { result } = rpcOf(await invoices.modern('tools/list', { token: reading }));
    expect((result?.['tools'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'list_invoices',
      'read_invoice',
      'create_invoice',
      'refund_invoice',
    ]);
  });
});
