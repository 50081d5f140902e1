import { describe, expect, it } from '@jest/globals';
import { DatabaseClock } from './database.clock.js';
import { type Database } from './database.js';

/** A database that answers its own time, after `latency` milliseconds each way. */
class TimeServer {
  elapsed = 5_000;
  /** Milliseconds since the epoch when `elapsed` was zero. */
  zero = Date.UTC(2026, 0, 1);
  latency = 0;
  down = false;

  readonly query: Database['query'] = <Row extends object>(): Promise<readonly Row[]> => {
    if (this.down) return Promise.reject(new Error('lost'));
    this.elapsed += this.latency;
    const milliseconds = this.zero + this.elapsed;
    this.elapsed += this.latency;
    return Promise.resolve([{ milliseconds }] as unknown as readonly Row[]);
  };

  get time(): Date {
    return new Date(this.zero + this.elapsed);
  }
}

const startOn = (server: TimeServer) => DatabaseClock.start(server, { elapsed: () => server.elapsed, lookEvery: 5 });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('DatabaseClock', () => {
  it('tells the time of the database, whatever the machine it runs on believes', async () => {
    const server = new TimeServer();
    server.latency = 40;
    const clock = await startOn(server);
    expect(clock.now()).toEqual(server.time);
    server.elapsed += 30_000;
    expect(clock.now()).toEqual(server.time);
    clock.stop();
  });

  it('follows the database when the two have drifted apart', async () => {
    const server = new TimeServer();
    const clock = await startOn(server);
    server.zero += 2_000;
    await pause(50);
    expect(clock.now()).toEqual(server.time);
    clock.stop();
  });

  it('counts on while the database is lost, and does not believe an answer that came late', async () => {
    const server = new TimeServer();
    const clock = await startOn(server);
    server.down = true;
    await pause(30);
    server.elapsed += 10_000;
    expect(clock.now()).toEqual(server.time);
    server.down = false;
    server.latency = 4_000;
    const before = server.zero;
    server.zero += 60_000;
    await pause(30);
    expect(clock.now()).toEqual(new Date(before + server.elapsed));
    clock.stop();
  });

  it('does not start without a first answer', async () => {
    const server = new TimeServer();
    server.down = true;
    await expect(startOn(server)).rejects.toThrow('lost');
  });
});
