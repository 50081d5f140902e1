import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { defineConfiguration, describeConfiguration, loadConfiguration } from './configuration.js';
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

describe('a secret in a file', () => {
  const secret = 'correct-horse-battery-staple';

  function withFile<T>(mode: number, use: (path: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'secret-setting-'));
    try {
      const path = join(folder, 'password');
      writeFileSync(path, `${secret}\n`, { mode });
      return use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('is read from the file that the variable with _FILE behind it names', () => {
    withFile(0o600, (path) => {
      const config = loadConfiguration(definition, { ISSUER: 'https://a.example', PASSWORD_FILE: path });
      expect(config.PASSWORD).toBe(secret);
    });
  });

  it('is refused when others may read the file, when it cannot be read, and beside the variable itself', () => {
    withFile(0o640, (path) => {
      const environments = [{ PASSWORD_FILE: path }, { PASSWORD_FILE: `${path}.gone` }];
      for (const environment of environments) {
        const error = problemsOf(() => loadConfiguration(definition, { ISSUER: 'https://a.example', ...environment }));
        expect(error.problems.map(({ variable }) => variable)).toEqual(['PASSWORD_FILE']);
      }
    });
    withFile(0o600, (path) => {
      const both = { ISSUER: 'https://a.example', PASSWORD_FILE: path, PASSWORD: secret };
      const error = problemsOf(() => loadConfiguration(definition, both));
      expect(error.problems).toEqual([{ variable: 'PASSWORD', problem: 'and PASSWORD_FILE must not both be set' }]);
      expect(error.message).not.toContain(secret);
    });
  });

  it('is checked like one in the environment, and not echoed', () => {
    const wanted = defineConfiguration({
      PIN: setting({ schema: z.string().min(99), description: 'A secret.', secret: true }),
    });
    withFile(0o600, (path) => {
      const error = problemsOf(() => loadConfiguration(wanted, { PIN_FILE: path }));
      expect(error.problems.map(({ variable }) => variable)).toEqual(['PIN']);
      expect(error.message).not.toContain(secret);
    });
  });

  it('is not looked for where the setting is no secret', () => {
    const error = problemsOf(() => loadConfiguration(definition, { ISSUER_FILE: '/etc/hostname' }));
    expect(error.problems.map(({ variable }) => variable)).toEqual(['ISSUER']);
  });
});
