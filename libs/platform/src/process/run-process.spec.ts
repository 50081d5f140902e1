import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { EventLogger } from '../logger/event-logger.js';
import { runProcess } from './run-process.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'uncaughtException'] as const;

describe('runProcess', () => {
  let exits: unknown[];
  let exited: PromiseWithResolvers<unknown>;
  let stderr: string;
  let lines: string[];
  let logger: EventLogger;
  let others: Map<string, readonly NodeJS.SignalsListener[]>;

  beforeEach(() => {
    exits = [];
    exited = Promise.withResolvers();
    stderr = '';
    lines = [];
    logger = new EventLogger({ app: 'test', level: 'info', destination: { write: (line) => lines.push(line) } });
    // Listeners of the test runner must not hear our signals.
    others = new Map(SIGNALS.map((name) => [name, process.listeners(name as NodeJS.Signals)]));
    for (const name of SIGNALS) process.removeAllListeners(name);
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      exits.push(code);
      exited.resolve(code);
      return undefined as never;
    });
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const name of SIGNALS) {
      process.removeAllListeners(name);
      for (const listener of others.get(name) ?? []) process.on(name as NodeJS.Signals, listener);
    }
  });

  const events = (): unknown[] => lines.map((line) => (JSON.parse(line) as { event: unknown }).event);

  it.each(['SIGTERM', 'SIGINT'] as const)('closes on %s, says so and exits with 0', async (signal) => {
    let closed = 0;
    await runProcess(async () => ({
      logger,
      close: async () => {
        closed += 1;
      },
    }));
    process.emit(signal);
    expect(await exited.promise).toBe(0);
    expect(closed).toBe(1);
    expect(events()).toEqual(['stopping', 'stopped']);
  });

  it('exits with 0 in time although something hangs', async () => {
    await runProcess(async () => ({ logger, close: async () => new Promise<void>(() => undefined) }), { graceMs: 20 });
    process.emit('SIGTERM');
    expect(await exited.promise).toBe(0);
    expect(lines.at(-1)).toContain('"drained":false');
  });

  it('takes its leave before it closes, and only then counts the time that closing takes', async () => {
    const order: string[] = [];
    await runProcess(
      async () => ({
        logger,
        leave: async () => {
          await new Promise((resolve) => setTimeout(resolve, 40));
          order.push('left');
        },
        close: async () => {
          order.push('closed');
        },
      }),
      { graceMs: 20 },
    );
    process.emit('SIGTERM');
    expect(await exited.promise).toBe(0);
    expect(order).toEqual(['left', 'closed']);
    expect(lines.at(-1)).toContain('"drained":true');
  });

  it('ends at once on a second signal', async () => {
    const closing = Promise.withResolvers<undefined>();
    await runProcess(async () => ({ logger, close: async () => closing.promise }));
    process.emit('SIGINT');
    process.emit('SIGINT');
    expect(exits).toEqual([130]);
    closing.resolve(undefined);
    await new Promise(setImmediate);
  });

  it('exits with 1 when closing fails, and when nobody caught an error', async () => {
    await runProcess(async () => ({ logger, close: async () => Promise.reject(new Error('x')) }));
    process.emit('SIGTERM');
    expect(await exited.promise).toBe(1);
    process.emit('uncaughtException', new Error('nobody caught it'));
    expect(exits).toEqual([1, 1]);
    expect(events()).toEqual(['stopping', 'stop.failed', 'process.failed']);
  });

  it('tells an operator what to set, without a stack', async () => {
    // The real exit does not come back; here the start ends with what comes after it.
    await runProcess(async () =>
      Promise.reject(new ConfigurationError([{ variable: 'ISSUER', problem: 'must be https' }])),
    ).catch(() => undefined);
    expect(exits[0]).toBe(1);
    expect(stderr).toBe('The configuration is not usable:\n  ISSUER must be https\n');
  });

  it('tells why a start failed, without its secrets', async () => {
    await runProcess(async () => Promise.reject(new Error('no answer from postgres://user:hunter2@db/x'))).catch(
      () => undefined,
    );
    expect(exits[0]).toBe(1);
    expect(stderr).toContain('no answer from postgres://user:[redacted]@db/x');
  });
});
