import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OAuthFlow, type Replica, startReplica, tokensOf } from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

/** Loaded before the server: its machine's clock is wrong by so much. */
const clockOff = (seconds: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`
  const real = Date;
  globalThis.Date = class extends real {
    constructor(...given) {
      if (given.length === 0) super(real.now() + ${seconds * 1000});
      else super(...given);
    }
    static now() {
      return real.now() + ${seconds * 1000};
    }
  };
`)}`;

/** Two minutes between them: more than a code lives, and far more than the window for a retry. */
describe('two replicas whose clocks are far apart', () => {
  let replicas: readonly Replica[];
  let late: OAuthFlow;
  let early: OAuthFlow;

  beforeAll(async () => {
    replicas = await Promise.all(
      [-60, 60].map((seconds) => startReplica(stack, { ...WIDE_LIMITS, NODE_OPTIONS: clockOff(seconds) })),
    );
    [late, early] = replicas.map(({ origin }) => new OAuthFlow(stack.issuer, { via: () => origin })) as [
      OAuthFlow,
      OAuthFlow,
    ];
  }, 40_000);
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  it('agree on how old a code is', async () => {
    const pending = late.begin(await late.register(), { resource: invoices });
    const code = await late.approve(late.browser(), pending, { account: anna });
    expect((await early.redeem(pending, code)).status).toBe(200);
  }, 30_000);

  it('answer a lost response again, and end no family (AS-64)', async () => {
    const connected = await late.connected({ decision: { account: anna }, resource: invoices });
    const presented = connected.tokens.refresh_token;
    const { refresh_token: successor } = tokensOf(await late.refresh(connected, presented));
    expect(tokensOf(await early.refresh(connected, presented)).refresh_token).toBe(successor);
    const { refresh_token: next } = tokensOf(await early.refresh(connected, successor));
    expect(tokensOf(await late.refresh(connected, successor)).refresh_token).toBe(next);
  }, 30_000);

  it('still end the family when the successor was used (AS-63)', async () => {
    const connected = await early.connected({ decision: { account: anna }, resource: invoices });
    const presented = connected.tokens.refresh_token;
    const { refresh_token: successor } = tokensOf(await early.refresh(connected, presented));
    const { refresh_token: next } = tokensOf(await late.refresh(connected, successor));
    expect((await late.refresh(connected, presented)).error).toBe('invalid_grant');
    expect((await early.refresh(connected, next)).error).toBe('invalid_grant');
  }, 30_000);
});
