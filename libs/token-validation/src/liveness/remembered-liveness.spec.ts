import { describe, expect, it } from '@jest/globals';
import { StoppedClock, StubLiveness } from '../testing/index.js';
import { RememberedLiveness } from './remembered-liveness.js';

function setUp(
  seconds = 5,
  capacity = 100,
): { clock: StoppedClock; issuer: StubLiveness; liveness: RememberedLiveness } {
  const clock = new StoppedClock();
  const issuer = new StubLiveness();
  return { clock, issuer, liveness: new RememberedLiveness(issuer, clock, seconds, capacity) };
}

describe('liveness of a token, remembered (RS-44)', () => {
  it('asks once for the requests of some seconds, also when they come together', async () => {
    const { clock, issuer, liveness } = setUp();
    expect(await Promise.all(Array.from({ length: 50 }, () => liveness.ask('t')))).not.toContain(undefined);
    clock.advance(4);
    expect(await liveness.ask('t')).toEqual({});
    expect(issuer.questions).toBe(1);
  });

  it('RS-44: refuses a revoked token as soon as the remembered yes has ended', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.ask('t');
    issuer.dead.add('t');
    clock.advance(5);
    expect(await liveness.ask('t')).toBeUndefined();
  });

  it('does not keep a yes longer because our clock was set back', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.ask('t');
    issuer.dead.add('t');
    clock.advance(-3600);
    expect(await liveness.ask('t')).toBeUndefined();
  });

  it('keeps what the issuer said of the binding with the yes', async () => {
    const { issuer, liveness } = setUp();
    issuer.boundTo = 'jkt-1';
    await liveness.ask('t');
    issuer.boundTo = undefined;
    expect(await liveness.ask('t')).toEqual({ boundTo: 'jkt-1' });
    expect(issuer.questions).toBe(1);
  });

  it('never remembers a no', async () => {
    const { issuer, liveness } = setUp();
    issuer.dead.add('t');
    expect(await liveness.ask('t')).toBeUndefined();
    issuer.dead.clear();
    expect(await liveness.ask('t')).toEqual({});
  });

  it('does not turn an issuer that is down into a yes, nor into a lasting no', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.ask('t');
    clock.advance(5);
    issuer.down = true;
    await expect(liveness.ask('t')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    issuer.down = false;
    expect(await liveness.ask('t')).toEqual({});
  });

  it('keeps tokens apart, and asks every time when nothing may be remembered', async () => {
    const { issuer, liveness } = setUp(0);
    issuer.dead.add('b');
    expect(await liveness.ask('a')).toEqual({});
    expect(await liveness.ask('b')).toBeUndefined();
    expect(await liveness.ask('a')).toEqual({});
    expect(issuer.questions).toBe(3);
  });

  it('holds no more answers than it has room for', async () => {
    const { issuer, liveness } = setUp(5, 10);
    for (let index = 0; index < 30; index++) await liveness.ask(`t${index}`);
    await liveness.ask('t29');
    expect(issuer.questions).toBe(30);
    await liveness.ask('t0');
    expect(issuer.questions).toBe(31);
  });
});
