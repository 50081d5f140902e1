import { describe, expect, it } from '@jest/globals';
import { OAuthFlow, pause, startReplica, tokensOf } from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

describe('an authorization server with its own settings', () => {
  it('lets refresh tokens die of disuse and codes of age (AS-31, AS-66)', async () => {
    const replica = await startReplica(stack, { ...WIDE_LIMITS, REFRESH_IDLE_LIFETIME: '2', CODE_LIFETIME: '1' });
    try {
      const flow = new OAuthFlow(stack.issuer, { via: () => replica.origin });
      const browser = flow.browser();
      const decision = { account: anna };
      const session = await flow.connected({ decision, resource: invoices, browser });
      const used = tokensOf(await flow.refresh(session, session.tokens.refresh_token));
      const pending = flow.begin(session.client, { resource: invoices });
      const code = await flow.approve(browser, pending, decision);
      await pause(2_500);
      expect((await flow.refresh(session, used.refresh_token)).error).toBe('invalid_grant');
      expect((await flow.redeem(pending, code)).error).toBe('invalid_grant');
    } finally {
      await replica.stop();
    }
  }, 40_000);

  it.each([
    ['an issuer without https', { ISSUER: 'http://as.example' }],
    ['https without certificate or proxy', { ISSUER: 'https://as.example' }],
    ['plain http on all interfaces', { HOST: '0.0.0.0' }],
    ['a key file that is not there', { KEY_ENCRYPTION_KEY_FILE: '/nowhere' }],
    ['a number that is none', { ACCESS_TOKEN_LIFETIME: 'long' }],
  ])('refuses to start with %s', async (_, environment) => {
    await expect(startReplica(stack, environment)).rejects.toThrow('did not come up');
  });

  it('names every problem of its settings at once, and no secret (AS-18)', async () => {
    const failed = startReplica(stack, { ISSUER: 'http://as.example', ACCESS_TOKEN_LIFETIME: 'long', PORT: 'x' });
    const message = await failed.then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(message).toContain('ISSUER');
    expect(message).toContain('ACCESS_TOKEN_LIFETIME');
    expect(message).not.toContain(new URL(stack.database).password);
  });
});
