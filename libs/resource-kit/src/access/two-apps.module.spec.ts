import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { McpRaw } from '@gatehouse/test-kit';
import { startTestServer, type TestServer } from '../testing/index.js';

let first: TestServer;
let second: TestServer;
beforeAll(async () => {
  first = await startTestServer();
  second = await startTestServer();
});
afterAll(() => Promise.all([first.close(), second.close()]));

it('RS-46: two apps in one process do not let in each other’s callers, although passport has one list for both', async () => {
  const statusOf = async (at: TestServer, from: TestServer): Promise<number> => {
    const token = await from.issuer.signer.token(at.notes, { claims: { scope: 'notes:read' } });
    return (await new McpRaw(at.notes).modern('tools/list', { token })).status;
  };
  expect([await statusOf(first, first), await statusOf(second, second)]).toEqual([200, 200]);
  expect([await statusOf(first, second), await statusOf(second, first)]).toEqual([401, 401]);
});
