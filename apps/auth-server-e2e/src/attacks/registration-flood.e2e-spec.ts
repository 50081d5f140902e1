import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OAuthFlow, type RegisteredClient, type Replica, startReplica, tokensOf } from '@gatehouse/test-kit';
import { anna, invoices, stack } from '../flows/house.js';
import { WIDE_LIMITS } from '../flows/limits.js';
import { unusedClients } from './operator.js';

const BUDGET = 1000;
const FLOOD = 10_000;
const AT_ONCE = 20;

/** The usual limit of registrations, and a small budget, behind a "proxy" that tells addresses apart. */
describe('a flood of ten thousand registrations from one address', () => {
  let replica: Replica;
  beforeAll(async () => {
    const { REGISTRATION_LIMIT_PER_NETWORK: _, ...limits } = WIDE_LIMITS;
    const { REGISTRATION_LIMIT_PER_NETWORK: __, ...usual } = stack.environment?.['auth-server'] ?? {};
    replica = await startReplica(
      { ...stack, environment: { ...stack.environment, 'auth-server': usual } },
      { ...limits, TRUSTED_PROXIES: '127.0.0.1', UNUSED_CLIENT_BUDGET: String(BUDGET) },
    );
  }, 30_000);
  afterAll(() => replica.stop());

  const SHARED = '198.18.77.1';
  const from = (address: string) =>
    new OAuthFlow(stack.issuer, { via: () => replica.origin, headers: { 'x-forwarded-for': address } });
  const HOSTED = { client_name: 'Hosted assistant of the flooded address' };

  const finishes = async (flow: OAuthFlow, client: RegisteredClient): Promise<void> => {
    const decision = { account: anna, approve: true } as const;
    const { tokens } = await flow.connected({ client, resource: invoices, decision });
    expect(tokens.access_token).toBeDefined();
  };

  it('locks nobody out who shares it, nor who came before, and is forgotten to the budget (AS-104)', async () => {
    const flow = from(SHARED);
    const hosted = await from('198.18.77.2').register(HOSTED);
    const quiet = await from('198.18.77.3').register();
    const early = await flow.register();
    const pending = flow.begin(early, { resource: invoices });
    const browser = flow.browser();
    await browser.exchange(pending.url);

    const refused: number[] = [];
    let midst: RegisteredClient | undefined;
    for (let sent = 0; sent < FLOOD; sent += AT_ONCE) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => flow.registration()));
      refused.push(...answers.map(({ status }) => status).filter((status) => status !== 201));
      if (sent === FLOOD / 2) {
        midst = await flow.register();
        await finishes(flow, midst);
        expect((await flow.register(HOSTED)).client_id).toBe(hosted.client_id);
      }
    }

    expect(refused).toEqual([]);
    expect(await unusedClients()).toBeLessThan(BUDGET * 1.1 + 2000);
    await finishes(flow, midst!);
    await finishes(from('198.18.77.3'), quiet);
    await finishes(flow, await flow.register());
    const code = await flow.approve(flow.browser(), pending, { account: anna, approve: true });
    expect(tokensOf(await flow.redeem(pending, code)).access_token).toBeDefined();
  }, 240_000);
});
