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
    expect(await Promise.all(Array.from({ length: 50 }, () => liveness.isLive('t')))).not.toContain(false);
    clock.advance(4);
    expect(await liveness.isLive('t')).toBe(true);
    expect(issuer.questions).toBe(1);
  });

  it('RS-44: refuses a revoked token as soon as the remembered yes has ended', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.isLive('t');
    issuer.dead.add('t');
    clock.advance(5);
    expect(await liveness.isLive('t')).toBe(false);
  });

  it('does not keep a yes longer because our clock was set back', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.isLive('t');
    issuer.dead.add('t');
    clock.advance(-3600);
    expect(await liveness.isLive('t')).toBe(false);
  });

  it('never remembers a no', async () => {
    const { issuer, liveness } = setUp();
    issuer.dead.add('t');
    expect(await liveness.isLive('t')).toBe(false);
    issuer.dead.clear();
    expect(await liveness.isLive('t')).toBe(true);
  });

  it('does not turn an issuer that is down into a yes, nor into a lasting no', async () => {
    const { clock, issuer, liveness } = setUp();
    await liveness.isLive('t');
    clock.advance(5);
    issuer.down = true;
    await expect(liveness.isLive('t')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    issuer.down = false;
    expect(await liveness.isLive('t')).toBe(true);
  });

  it('keeps tokens apart, and asks every time when nothing may be remembered', async () => {
    const { issuer, liveness } = setUp(0);
    issuer.dead.add('b');
    expect(await liveness.isLive('a')).toBe(true);
    expect(await liveness.isLive('b')).toBe(false);
    expect(await liveness.isLive('a')).toBe(true);
    expect(issuer.questions).toBe(3);
  });

  it('holds no more answers than it has room for', async () => {
    const { issuer, liveness } = setUp(5, 10);
    for (let index = 0; index < 30; index++) await liveness.isLive(`t${index}`);
    await liveness.isLive('t29');
    expect(issuer.questions).toBe(30);
    await liveness.isLive('t0');
    expect(issuer.questions).toBe(31);
  });
});
