import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import {
  claimsOf,
  freePort,
  LOOPBACK_CALLBACK,
  McpRaw,
  OAuthFlow,
  type Replica,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { WIDE_LIMITS } from '../flows/limits.js';
import { reasonsOf } from './refusals.js';

/** Who answers must be beyond doubt, or a client takes one server's code to another. RFC 9207; CVE-2026-104850. */
describe('mix-up', () => {
  const once = (parameters: URLSearchParams, name: string) => parameters.getAll(name);

  it('cannot put a second iss, code or state beside ours by way of the redirect URI', async () => {
    for (const parameter of ['iss=https://evil.example', 'code=planted', 'state=x', 'error=x', '%69ss=x', 'iss']) {
      const answer = await house.registration({ redirect_uris: [`${LOOPBACK_CALLBACK}?${parameter}`] });
      expect([parameter, answer.status, answer.error]).toEqual([parameter, 400, 'invalid_redirect_uri']);
    }
  });

  it('cannot put one there by way of the request', async () => {
    const client = await house.register({ redirect_uris: [`${LOOPBACK_CALLBACK}?tenant=7`] });
    for (const approve of [true, false]) {
      const pending = house.begin(client, {
        resource: invoices,
        parameters: { iss: 'https://evil.example', code: 'planted', error: 'planted', state: 's&iss=x' },
      });
      const { parameters } = await house.browser().authorize(pending.url, { account: anna, approve });
      expect([once(parameters, 'iss'), once(parameters, 'state'), once(parameters, 'tenant')]).toEqual([
        [stack.issuer],
        ['s&iss=x'],
        ['7'],
      ]);
      expect(once(parameters, approve ? 'code' : 'error')).toHaveLength(1);
      expect(parameters.toString()).not.toContain('planted');
    }
  });

  describe('between two issuers that sign with the same keys', () => {
    let replica: Replica;
    let other: OAuthFlow;

    beforeAll(async () => {
      const port = await freePort();
      const issuer = `http://127.0.0.1:${String(port)}/t1`;
      replica = await startReplica(stack, { ...WIDE_LIMITS, ISSUER: issuer }, port);
      other = new OAuthFlow(issuer);
    }, 30_000);
    afterAll(() => replica.stop());

    it("does not make one issuer's token good at a resource of the other", async () => {
      const { tokens } = await other.connected({ decision: { account: anna }, resource: invoices });
      expect(claimsOf(tokens.access_token)).toMatchObject({ iss: other.issuer, aud: invoices });
      const reasons = await reasonsOf(async () => {
        const { status } = await new McpRaw(invoices).modern('tools/list', { token: tokens.access_token });
        expect(status).toBe(401);
      }, 'resource-server');
      expect(reasons).toEqual(['wrong_issuer']);
      const { clientId, clientSecret } = stack.introspection;
      const state = await house.introspect(basic(clientId, clientSecret), tokens.access_token);
      expect(state.json()).toEqual({ active: false });

      const honest = await house.connected({ decision: { account: anna }, resource: invoices });
      const { status } = await new McpRaw(invoices).modern('tools/list', { token: honest.tokens.access_token });
      expect(status).toBe(200);
    });
  });
});
