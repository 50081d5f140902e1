import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  alternate,
  type Connected,
  McpRaw,
  OAuthFlow,
  type Replica,
  startReplica,
  tokensOf,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

/** Two processes besides the stack's own: one issuer, one database, nothing else in common. */
describe('two replicas of the authorization server', () => {
  let replicas: readonly Replica[];
  let balanced: OAuthFlow;

  beforeAll(async () => {
    replicas = await Promise.all([startReplica(stack, WIDE_LIMITS), startReplica(stack, WIDE_LIMITS)]);
    balanced = new OAuthFlow(stack.issuer, { via: alternate(replicas.map(({ origin }) => origin)) });
  }, 40_000);
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  it('carry a flow whose every step meets the other one', async () => {
    const browser = balanced.browser();
    const connected = await balanced.connected({ decision: { account: anna }, resource: invoices, browser });
    expect(browser.visits.length).toBeGreaterThanOrEqual(4);
    let refreshToken = connected.tokens.refresh_token;
    for (let round = 0; round < 4; round += 1) {
      const next = tokensOf(await balanced.refresh(connected, refreshToken));
      expect(next.refresh_token).not.toBe(refreshToken);
      refreshToken = next.refresh_token;
      expect((await new McpRaw(invoices).modern('tools/list', { token: next.access_token })).status).toBe(200);
    }
    expect((await balanced.revoke(connected.client, refreshToken)).status).toBe(200);
    expect((await balanced.refresh(connected, refreshToken)).error).toBe('invalid_grant');
  }, 30_000);

  it('agree at once that somebody has signed out, whoever still has the cookie', async () => {
    const browser = balanced.browser();
    await balanced.connected({ decision: { account: anna }, resource: invoices, browser });
    const cookie = browser.jar.header(stack.issuer) ?? '';
    const titles = () =>
      Promise.all(
        replicas.map(async ({ origin }) => {
          const answer = await balanced.ask('logout', { via: origin, headers: { cookie } });
          return /<h1>(.*?)<\/h1>/.exec(answer.text)?.[1];
        }),
      );
    expect(await titles()).toEqual(['Sign out?', 'Sign out?']);
    const page = await browser.open(balanced.endpoint('logout'));
    if (page.kind !== 'page' || !page.forms[0]) throw new Error('no question');
    await browser.submit(page, page.forms[0], {}, { name: 'decision', value: 'sign-out' });
    expect(await titles()).toEqual(['You are signed out', 'You are signed out']);
  }, 30_000);

  it('sign with keys that both publish (AS-112)', async () => {
    const [one, two] = await Promise.all(replicas.map(({ origin }) => balanced.ask('jwks.json', { via: origin })));
    expect(one?.json()).toEqual(two?.json());
  });

  it('give fifty parallel redemptions of one code exactly one winner (AS-31)', async () => {
    const client = await balanced.register();
    const pending = balanced.begin(client, { resource: invoices });
    const code = await balanced.approve(balanced.browser(), pending, { account: anna });
    const answers = await Promise.all(Array.from({ length: 50 }, () => balanced.redeem(pending, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ error }) => error))).toEqual(
      new Set(['invalid_grant']),
    );
  }, 30_000);

  it('give fifty parallel refreshes of one token exactly one successor (AS-62, AS-64)', async () => {
    const connected: Connected = await balanced.connected({ decision: { account: anna }, resource: invoices });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => balanced.refresh(connected, connected.tokens.refresh_token)),
    );
    const tokens = answers.map((answer) => tokensOf(answer));
    expect(new Set(tokens.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    const successor = tokens[0]!.refresh_token;
    expect(successor).not.toBe(connected.tokens.refresh_token);
    expect((await balanced.refresh(connected, successor)).status).toBe(200);
  }, 30_000);

  it('end together: what one revokes, the other refuses at once', async () => {
    const connected = await balanced.connected({ decision: { account: anna }, resource: invoices });
    const [one, two] = replicas.map(({ origin }) => new OAuthFlow(stack.issuer, { via: () => origin }));
    expect((await one!.revoke(connected.client, connected.tokens.refresh_token)).status).toBe(200);
    expect((await two!.refresh(connected, connected.tokens.refresh_token)).error).toBe('invalid_grant');
  }, 30_000);

  it('write no token, code or password to their logs (RS-48)', () => {
    const log = replicas.map((replica) => replica.log()).join('\n');
    expect(log).toContain('listening');
    expect(log).not.toMatch(/gh[crswbi]_[A-Za-z0-9_-]{20,}|ey[A-Za-z0-9_-]{20,}\.ey/);
    expect(log).not.toContain(anna.password);
  });
});
