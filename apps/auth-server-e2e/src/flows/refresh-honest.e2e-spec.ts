import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  alternate,
  type Connected,
  OAuthFlow,
  type PageAgent,
  type RegisteredClient,
  type Replica,
  startReplica,
  tokensOf,
} from '@gatehouse/test-kit';
import { auditTrail } from './audit-trail.js';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

const SESSIONS = 200;

/** The core plays a thousand of these in memory; here they meet sockets, processes and PostgreSQL. */
describe('honest clients with bad luck', () => {
  let replicas: readonly Replica[];
  let flow: OAuthFlow;
  let browser: PageAgent;
  let client: RegisteredClient;

  beforeAll(async () => {
    replicas = await Promise.all([startReplica(stack, WIDE_LIMITS), startReplica(stack, WIDE_LIMITS)]);
    flow = new OAuthFlow(stack.issuer, { via: alternate(replicas.map(({ origin }) => origin)) });
    browser = flow.browser();
    client = await flow.register();
  }, 40_000);
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  const connect = (): Promise<Connected> =>
    flow.connected({ decision: { account: anna }, resource: invoices, client, browser });

  it('lose no session in races and lost answers (AS-64)', async () => {
    const sessions: Connected[] = [];
    for (let index = 0; index < SESSIONS; index += 1) sessions.push(await connect());

    const lost = await inBatches(sessions, 20, async (session, index) => {
      const first = session.tokens.refresh_token;
      // The answer is lost on the way, or two windows of one client race, or both.
      const answers =
        index % 3 === 0
          ? [await flow.refresh(session, first), await flow.refresh(session, first)]
          : await Promise.all(Array.from({ length: 2 + (index % 3) }, () => flow.refresh(session, first)));
      const successors = new Set(
        answers.map((answer) => (answer.status === 200 ? tokensOf(answer).refresh_token : '')),
      );
      if (successors.size !== 1 || successors.has('')) return true;
      const next = await flow.refresh(session, [...successors][0]!);
      return next.status !== 200;
    });
    expect(lost.filter(Boolean)).toHaveLength(0);
  }, 60_000);

  it('are noted in the audit, not punished', async () => {
    const session = await connect();
    await flow.refresh(session, session.tokens.refresh_token);
    await flow.refresh(session, session.tokens.refresh_token);
    const types = (await auditTrail(session.tokens.access_token)).map(({ type }) => type);
    expect(types).toContain('refresh.rotated');
    expect(types).toContain('refresh.answered_again');
    expect(types).not.toContain('authorization.revoked');
  });

  it('may send a bad request without spending their token (AS-65)', async () => {
    const session = await connect();
    const token = session.tokens.refresh_token;
    expect((await flow.refresh(session, token, { scope: 'invoices:refund' })).error).toBe('invalid_scope');
    expect((await flow.refresh(session, token, { resource: stack.resources[1] })).error).toBe('invalid_target');
    expect((await flow.refresh(session, token)).status).toBe(200);
  });

  it('are not hurt by strangers: other clients and forgers cannot end their family (AS-63)', async () => {
    const session = await connect();
    const spent = session.tokens.refresh_token;
    const current = tokensOf(await flow.refresh(session, spent)).refresh_token;
    const stranger = await flow.register();
    expect((await flow.refresh({ ...session, client: stranger }, spent)).error).toBe('invalid_grant');
    expect((await flow.refresh({ ...session, client: stranger }, current)).error).toBe('invalid_grant');

    const bytes = Buffer.from(spent.slice(4), 'base64url');
    for (const at of [16, 19, 20, 51, 52, 67]) {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ 1;
      const answer = await flow.refresh(session, `ghr_${forged.toString('base64url')}`);
      expect([at, answer.status, answer.error]).toEqual([at, 400, 'invalid_grant']);
    }
    expect((await flow.refresh(session, current)).status).toBe(200);
    expect((await auditTrail(session.tokens.access_token)).map(({ type }) => type)).not.toContain('refresh.reused');
  });
});

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += size)
    results.push(...(await Promise.all(items.slice(from, from + size).map((item, at) => run(item, from + at)))));
  return results;
}
