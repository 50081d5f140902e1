import { describe, expect, it } from '@jest/globals';
import { OAuthError } from '@gatehouse/protocol';
import type { Principal } from '@gatehouse/token-validation';
import { StoppedClock } from '@gatehouse/token-validation/testing';
import { ToolCallLimit } from './tool-call-limit.js';

const caller = (more: Partial<Record<keyof Principal, string>> = {}): Principal =>
  ({ resource: 'https://rs.example/mcp', clientId: 'c-1', subject: 'a-1', ...more }) as unknown as Principal;

const refusal = (retryAfter: number): unknown =>
  expect.objectContaining({ code: 'too_many_requests', reason: 'rate_limited', status: 429, retryAfter });

describe('the limit of tool calls (RS-76)', () => {
  it('stops a caller who goes on and on, says when to come back, and lets them in again then', () => {
    const clock = new StoppedClock();
    const limit = new ToolCallLimit({ limit: 3, window: 60 }, clock);
    for (let call = 0; call < 3; call++) limit.count(caller(), 1);
    clock.advance(20);
    for (let call = 0; call < 5; call++)
      expect(() => {
        limit.count(caller(), 1);
      }).toThrow(refusal(40));
    clock.advance(40);
    expect(() => {
      limit.count(caller(), 1);
    }).not.toThrow();
  });

  it('lets nobody use up the calls of another person, client or resource', () => {
    const limit = new ToolCallLimit({ limit: 1, window: 60 }, new StoppedClock());
    limit.count(caller(), 1);
    expect(() => {
      limit.count(caller(), 1);
    }).toThrow(OAuthError);
    for (const other of [{ subject: 'a-2' }, { clientId: 'c-2' }, { resource: 'https://rs.example/other' }])
      expect(() => {
        limit.count(caller(other), 1);
      }).not.toThrow();
  });

  it('counts every call of a batch, and none of one that it refuses', () => {
    const limit = new ToolCallLimit({ limit: 3, window: 60 }, new StoppedClock());
    limit.count(caller(), 2);
    expect(() => {
      limit.count(caller(), 2);
    }).toThrow(refusal(60));
    expect(() => {
      limit.count(caller(), 1);
    }).not.toThrow();
  });

  it('does not lock anybody out longer because the clock was set back, and is not there when not asked for', () => {
    const clock = new StoppedClock();
    const limit = new ToolCallLimit({ limit: 1, window: 60 }, clock);
    limit.count(caller(), 1);
    clock.advance(-3600);
    expect(() => {
      limit.count(caller(), 1);
    }).not.toThrow();
    const none = new ToolCallLimit(undefined, clock);
    for (let call = 0; call < 1000; call++) none.count(caller(), 1);
  });
});
