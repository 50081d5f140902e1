import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connected, McpRaw, OAuthFlow, pause, type Replica, startReplica, tokensOf } from '@gatehouse/test-kit';
import { auditTrail } from './audit-trail.js';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

/** A retry window of a second, so that a test can step out of it. */
describe('a stolen refresh token', () => {
  let replica: Replica;
  let flow: OAuthFlow;
  let session: Connected;

  beforeAll(async () => {
    replica = await startReplica(stack, { ...WIDE_LIMITS, REFRESH_RETRY_WINDOW: '1' });
    flow = new OAuthFlow(stack.issuer, { via: () => replica.origin });
  }, 40_000);
  afterAll(() => replica.stop());

  const connect = async () => {
    session = await flow.connected({ decision: { account: anna }, resource: invoices });
    return session.tokens.refresh_token;
  };
  const refresh = async (token: string) => tokensOf(await flow.refresh(session, token)).refresh_token;

  /** The family is over, for thief and owner alike, and the audit says why. */
  async function expectEnded(...tokens: string[]): Promise<void> {
    for (const token of tokens) expect((await flow.refresh(session, token)).error).toBe('invalid_grant');
    const trail = await auditTrail(session.tokens.access_token);
    expect(trail).toContainEqual({ type: 'refresh.reused', reason: 'refresh_token_reused' });
    await expectAccessTokenDead(session.tokens.access_token);
  }

  async function expectAccessTokenDead(token: string): Promise<void> {
    const { clientId, clientSecret } = stack.introspection;
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}`;
    expect((await flow.introspect(basic, token)).json()).toEqual({ active: false });
  }

  it('ends the family when it comes back two generations later (AS-63)', async () => {
    const stolen = await connect();
    const current = await refresh(await refresh(stolen));
    expect((await flow.refresh(session, stolen)).error).toBe('invalid_grant');
    await expectEnded(current, stolen);
  });

  it('ends the family when it comes back after the window (AS-63)', async () => {
    const stolen = await connect();
    const current = await refresh(stolen);
    await pause(1_500);
    expect((await flow.refresh(session, stolen)).error).toBe('invalid_grant');
    await expectEnded(current);
  });

  it("ends the family at the owner's next refresh when the thief was first (AS-63)", async () => {
    const owners = await connect();
    const thiefs = await refresh(owners);
    await pause(1_500);
    expect((await flow.refresh(session, owners)).error).toBe('invalid_grant');
    await expectEnded(thiefs);
  });

  it('ends the family when the thief refreshes twice within the window (AS-63)', async () => {
    const owners = await connect();
    const thiefs = await refresh(await refresh(owners));
    expect((await flow.refresh(session, owners)).error).toBe('invalid_grant');
    await expectEnded(thiefs);
  });

  it('ends the family once the successor was used, window or not (AS-64)', async () => {
    const owners = await connect();
    const successor = await refresh(owners);
    const third = await refresh(successor);
    expect((await flow.refresh(session, owners)).error).toBe('invalid_grant');
    await expectEnded(third);
  });

  it('ends the access tokens at the resource server too, within the liveness bound (RS-44)', async () => {
    const stolen = await connect();
    await refresh(await refresh(stolen));
    const tools = new McpRaw(invoices);
    expect((await tools.modern('tools/list', { token: session.tokens.access_token })).status).toBe(200);
    await flow.refresh(session, stolen);
    const until = Date.now() + 15_000;
    for (;;) {
      const { status } = await tools.modern('tools/list', { token: session.tokens.access_token });
      if (status === 401) break;
      expect(Date.now()).toBeLessThan(until);
      await pause(500);
    }
  }, 25_000);

  it('does not survive a revocation that is in flight with it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const token = await connect();
      const [answer] = await Promise.all([flow.refresh(session, token), flow.revoke(session.client, token)]);
      const successor = answer.status === 200 ? tokensOf(answer).refresh_token : token;
      expect((await flow.refresh(session, successor)).error).toBe('invalid_grant');
      await expectAccessTokenDead(session.tokens.access_token);
    }
  }, 30_000);
});
