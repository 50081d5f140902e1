import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, defineConfiguration, describeConfiguration, loadConfiguration } from './configuration.js';
import { count, issuerUrl, list, rateLimit, seconds } from './schemas.js';
import { setting } from './setting.js';

const definition = defineConfiguration({
  ISSUER: setting({ schema: issuerUrl, description: 'URL of this server.' }),
  POOL: setting({ schema: count({ min: 1, max: 50 }), description: 'Connections.', default: '8' }),
  LIMIT: setting({ schema: rateLimit, description: 'Attempts.', default: '10/900' }),
  NAMES: setting({ schema: list(z.string()), description: 'Names.', optional: true }),
  PASSWORD: setting({ schema: z.string().min(20), description: 'A secret.', secret: true, optional: true }),
});

function problemsOf(load: () => unknown): ConfigurationError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('nothing was refused');
}

describe('loadConfiguration', () => {
  it('reads what is set, takes the default for what is not, and ignores what it does not know', () => {
    const config = loadConfiguration(definition, { ISSUER: ' https://a.example ', NAMES: 'a, b', PATH: '/bin' });
    const limit: { limit: number; window: number } = config.LIMIT;
    const names: readonly string[] | undefined = config.NAMES;
    expect(config).toEqual({
      ISSUER: 'https://a.example',
      POOL: 8,
      LIMIT: limit,
      NAMES: names,
      PASSWORD: undefined,
    });
    expect(limit).toEqual({ limit: 10, window: 900 });
    expect(names).toEqual(['a', 'b']);
  });

  it('counts an empty or blank variable as not set', () => {
    expect(loadConfiguration(definition, { ISSUER: 'https://a.example', POOL: '', NAMES: '  ' })).toMatchObject({
      POOL: 8,
      NAMES: undefined,
    });
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfiguration(definition, { ISSUER: 'https://a.example', NAMES: 'a' });
    for (const part of [config, config.LIMIT, config.NAMES]) expect(Object.isFrozen(part)).toBe(true);
  });

  it('reports every problem at once, a line each, those of rules among them', () => {
    const ruled = defineConfiguration(definition.settings, [
      ({ POOL }) => (POOL === 7 ? [{ variable: 'POOL', problem: 'must not be seven' }] : []),
      ({ ISSUER }) => (ISSUER === undefined ? [] : [{ variable: 'ISSUER', problem: 'is not seen when unreadable' }]),
    ]);
    const error = problemsOf(() => loadConfiguration(ruled, { POOL: '7', LIMIT: 'ten', PASSWORD: 'too short' }));
    expect(error.problems.map(({ variable }) => variable)).toEqual(['ISSUER', 'LIMIT', 'PASSWORD', 'POOL']);
    expect(error.message.split('\n').slice(1)).toEqual([
      '  ISSUER must be set: URL of this server.',
      '  LIMIT must be written count/seconds, such as 10/900, both at least 1',
      expect.stringMatching(/^ {2}PASSWORD /),
      '  POOL must not be seven',
    ]);
  });

  it('never repeats a value, whatever a schema says', () => {
    const chatty = defineConfiguration({
      A: setting({
        schema: z.string().refine(() => false, { error: ({ input }) => `no: ${String(input)}` }),
        description: '',
      }),
      B: setting({ schema: seconds(), description: '', secret: true }),
    });
    const error = problemsOf(() => loadConfiguration(chatty, { A: 'hunter2-hunter2', B: 'hunter2-hunter2' }));
    expect(error.message).toContain('A is not valid');
    expect(JSON.stringify([error.message, error.problems, error.stack])).not.toContain('hunter2');
  });
});

describe('describeConfiguration', () => {
  it('tells the documentation what there is, in order', () => {
    expect(describeConfiguration(definition).slice(0, 2)).toEqual([
      { name: 'ISSUER', description: 'URL of this server.', optional: false, secret: false },
      { name: 'POOL', description: 'Connections.', default: '8', optional: false, secret: false },
    ]);
    expect(describeConfiguration(definition).at(-1)).toMatchObject({ name: 'PASSWORD', optional: true, secret: true });
  });
});
