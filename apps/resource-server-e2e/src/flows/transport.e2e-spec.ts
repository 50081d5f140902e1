import { beforeAll, describe, expect, it } from '@jest/globals';
import { ask, rpcOf } from '@gatehouse/test-kit';
import fc from 'fast-check';
import { anna, invoices, invoicesUrl, origin, tokenOf } from './tools.js';

let token: string;
beforeAll(async () => {
  token = await tokenOf(anna, invoicesUrl, 'invoices:read');
}, 60_000);

describe('the MCP endpoint', () => {
  it('RS-61: refuses pages of other sites, and other names for itself', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { host: 'evil.example' }])
      expect((await invoices.modern('tools/list', { token, headers })).status).toBe(403);
    expect((await invoices.modern('tools/list', { token, headers: { origin } })).status).toBe(200);
  });

  it('RS-64, RS-66, RS-79: refuses headers that disagree with the body, in both revisions', async () => {
    const params = { name: 'list_invoices', arguments: {} };
    for (const headers of [
      { 'mcp-name': 'refund_invoice' },
      { 'mcp-method': 'tools/list' },
      { 'mcp-protocol-version': '2025-11-25' },
    ]) {
      const answer = await invoices.modern('tools/call', { token, params, headers });
      expect([answer.status, rpcOf(answer).error?.code]).toEqual([400, -32020]);
    }
    const old = await invoices.legacy('tools/call', { token, params, headers: { 'mcp-name': 'refund_invoice' } });
    expect([old.status, rpcOf(old).error?.code]).toEqual([400, -32020]);
    expect((await invoices.legacy('tools/call', { token, params })).status).toBe(200);
  });

  it('RS-60: takes POST only, and tells so to those who may come in', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect((await ask(invoicesUrl, { method })).status).toBe(401);
      const headers = { authorization: `Bearer ${token}` };
      expect((await ask(invoicesUrl, { method, headers })).status).toBe(405);
    }
  });

  it('answers hostile bodies and headers with 4xx, never with a fault of its own', async () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json({ maxDepth: 6 }),
      fc
        .record({
          jsonrpc: fc.constantFrom('2.0', '1.0', 2),
          id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
          method: fc.oneof(fc.constantFrom('tools/call', 'tools/list', 'server/discover', 'initialize'), fc.string()),
          params: fc.oneof(
            fc.jsonValue(),
            fc.record({ name: fc.oneof(fc.constant('read_invoice'), fc.string()), arguments: fc.jsonValue() }),
          ),
        })
        .map((message) => JSON.stringify(message)),
    );
    const headers = fc.record({
      'content-type': fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        'x',
        'a/b;;=',
      ),
      authorization: fc.constantFrom(`Bearer ${token}`, 'Bearer x', 'Basic eDp5', 'Bearer'),
      'mcp-protocol-version': fc.constantFrom('2026-07-28', '2025-11-25', '', '1900-01-01'),
      'mcp-method': fc.constantFrom('tools/call', 'tools/list', '=?base64?eA==?='),
    });
    await fc.assert(
      fc.asyncProperty(body, headers, async (text, sent) => {
        const answer = await ask(invoicesUrl, { method: 'POST', headers: sent, body: text });
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toMatch(/ {4}at |node_modules|SyntaxError|ZodError/);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
