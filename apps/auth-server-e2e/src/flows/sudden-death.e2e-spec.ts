import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  claimsOf,
  type Connected,
  freePort,
  OAuthFlow,
  pause,
  type Replica,
  startReplica,
  tokensOf,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

const CLIENTS = 100;
const ROUNDS = 10;

interface Session extends Connected {
  current: string;
  readonly generations: string[];
}

/** kill -9 in the middle of a thousand refreshes, twice; clients do what clients do: ask again. */
describe('an authorization server that dies without warning', () => {
  let replica: Replica;
  let flow: OAuthFlow;
  let port: number;
  const sessions: Session[] = [];
  const accessTokens: string[] = [];
  let deaths = 0;
  let cutOff = 0;

  const start = async () => {
    // The window has to outlast the restart on a slow machine.
    replica = await startReplica(stack, { ...WIDE_LIMITS, REFRESH_RETRY_WINDOW: '120' }, port);
  };

  beforeAll(async () => {
    port = await freePort();
    await start();
    flow = new OAuthFlow(stack.issuer, { via: () => `http://127.0.0.1:${String(port)}` });
    const browser = flow.browser();
    const client = await flow.register();
    for (let index = 0; index < CLIENTS; index += 1) {
      const connected = await flow.connected({ decision: { account: anna }, resource: invoices, client, browser });
      accessTokens.push(connected.tokens.access_token);
      sessions.push({
        ...connected,
        current: connected.tokens.refresh_token,
        generations: [connected.tokens.refresh_token],
      });
    }
  }, 60_000);
  afterAll(() => replica.stop());

  /** Asks until somebody answers; a dead or dying server is not an answer. */
  async function insist(session: Session): Promise<Answer> {
    for (const until = Date.now() + 30_000; ;) {
      try {
        const answer = await flow.refresh(session, session.current);
        if (answer.status < 500) return answer;
      } catch {
        cutOff += 1;
      }
      if (Date.now() > until) throw new Error('nobody came back');
      await pause(100);
    }
  }

  it('costs no client its session in 1,000 refreshes (AS-64)', async () => {
    let done = 0;
    const lost: string[] = [];
    const work = Promise.all(
      sessions.map(async (session) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const answer = await insist(session);
          done += 1;
          if (answer.status !== 200) {
            lost.push(`${answer.status} ${answer.text}`);
            return;
          }
          const tokens = tokensOf(answer);
          accessTokens.push(tokens.access_token);
          session.current = tokens.refresh_token;
          session.generations.push(tokens.refresh_token);
        }
      }),
    );
    for (const mark of [CLIENTS * 2, CLIENTS * 6]) {
      while (done < mark && lost.length === 0) await pause(5);
      await replica.kill();
      deaths += 1;
      await start();
    }
    await work;
    expect(lost).toEqual([]);
    expect(done).toBe(CLIENTS * ROUNDS);
    expect(deaths).toBe(2);
    expect(cutOff).toBeGreaterThan(0);
  }, 60_000);

  it('issues no refresh token twice and no access token with an id used before (AS-42)', () => {
    const refreshTokens = sessions.flatMap(({ generations }) => generations);
    expect(refreshTokens).toHaveLength(CLIENTS * (ROUNDS + 1));
    expect(new Set(refreshTokens).size).toBe(refreshTokens.length);
    const ids = accessTokens.map((token) => claimsOf(token)['jti']);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
