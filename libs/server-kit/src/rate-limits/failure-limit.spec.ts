import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryAttemptCounter, StoppedClock } from '@gatehouse/identity/testing';
import { OAuthError } from '@gatehouse/protocol';
import type { FastifyRequest } from 'fastify';
import { FailureLimit } from './failure-limit.js';

const limits = { requests: {}, failures: { token: { limit: 2, window: 60 } }, successes: {} };
const guess = new OAuthError('invalid_grant', 'unknown_code');

describe('FailureLimit', () => {
  let clock: StoppedClock;
  let counter: MemoryAttemptCounter;
  let failures: FailureLimit;

  beforeEach(() => {
    clock = new StoppedClock();
    counter = new MemoryAttemptCounter();
    failures = new FailureLimit(limits, counter, clock);
  });

  const request = (client: string, ip = '192.0.2.1', headers = {}): FastifyRequest =>
    ({
      ip,
      headers,
      body: `client_id=${client}&client_secret=x`,
      routeOptions: { config: { body: 'form' } },
    }) as unknown as FastifyRequest;

  /** Is a guess answered with 429? */
  const slowed = async (client: string, ip?: string): Promise<boolean> => {
    const answer = await failures.refused('token', request(client, ip), guess);
    if (answer) expect(answer).toMatchObject({ code: 'too_many_requests', reason: 'rate_limited' });
    return answer !== undefined;
  };

  it('slows a guesser down for the rest of the window, and not longer', async () => {
    const answers = [
      await slowed('guesser'),
      await slowed('guesser'),
      await slowed('guesser'),
      await slowed('guesser'),
    ];
    expect(answers).toEqual([false, false, true, true]);
    clock.advance(61);
    expect(await slowed('guesser')).toBe(false);
  });

  it('slows down neither another client nor the same client elsewhere', async () => {
    for (let i = 0; i < 3; i++) await failures.refused('token', request('guesser'), guess);
    expect([await slowed('honest'), await slowed('guesser', '192.0.2.2')]).toEqual([false, false]);
  });

  it('writes no more once it is known that there were too many', async () => {
    for (let i = 0; i < 3; i++) await failures.refused('token', request('guesser'), guess);
    const count = jest.spyOn(counter, 'count');
    for (let i = 0; i < 5; i++) expect(await slowed('guesser')).toBe(true);
    expect(count).not.toHaveBeenCalled();
  });

  it('counts a whole IPv6 /64 as one network', async () => {
    for (let i = 0; i < 3; i++) await failures.refused('token', request('guesser', `2001:db8::${i}`), guess);
    expect([await slowed('guesser', '2001:db8::ffff'), await slowed('guesser', '2001:db8:0:1::1')]).toEqual([
      true,
      false,
    ]);
  });

  it('counts guesses only: not malformed requests, and nothing at other endpoints', async () => {
    const malformed = new OAuthError('invalid_request', 'missing_parameter');
    for (let i = 0; i < 9; i++) {
      await failures.refused('token', request('honest'), malformed);
      await failures.refused('authorize', request('honest'), guess);
    }
    expect(counter.keys).toEqual([]);
  });

  it('writes nothing about a caller that does not exist: invented names would be a row each', async () => {
    for (const reason of ['unknown_client', 'unknown_resource_server'] as const)
      for (let i = 0; i < 9; i++)
        await failures.refused('token', request(`invented-${i}`), new OAuthError('invalid_client', reason));
    expect(counter.keys).toEqual([]);
    const wrong = new OAuthError('invalid_client', 'wrong_client_secret');
    for (let i = 0; i < 3; i++) await failures.refused('token', request('known'), wrong);
    expect(await slowed('known')).toBe(true);
  });

  it('puts a client that authenticates by header, and unreadable credentials, each into one bucket', async () => {
    const header = (authorization: string) => request('', undefined, { authorization });
    for (let i = 0; i < 3; i++) await failures.refused('token', header('Basic Z3Vlc3Nlcjp4'), guess);
    for (let i = 0; i < 3; i++) await failures.refused('token', header(`Basic %${i}`), guess);
    expect(counter.keys).toHaveLength(2);
    expect(await slowed('guesser')).toBe(true);
  });

  it('treats a public client alike: beyond the limit what is wrong is told to wait', async () => {
    const publicClient = { ...request('shared'), body: 'client_id=shared' } as unknown as FastifyRequest;
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await failures.refused('token', publicClient, guess));
    expect(answers).toEqual([
      undefined,
      undefined,
      expect.objectContaining({ code: 'too_many_requests', retryAfter: 60 }),
    ]);
  });

  it('stores no client id and no address', async () => {
    await failures.refused('token', request('guesser'), guess);
    expect(counter.keys.join()).not.toMatch(/guesser|192/);
  });
});
