import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_KEY_POLICY } from '@gatehouse/authorization-server';
import { ConfigurationError } from '@gatehouse/platform';
import { keyPolicyOf, queueUrlOf, readConfig, readMigrationConfig } from './config.js';

describe('the configuration of the worker', () => {
  let folder: string;
  let least: Record<string, string>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'worker-config-'));
    const file = join(folder, 'keys');
    writeFileSync(file, '');
    least = {
      ISSUER: 'http://127.0.0.1:4000',
      DATABASE_URL: 'postgres://app:hunter2@db/app',
      KEY_ENCRYPTION_KEY_FILE: file,
    };
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function problemsOf(environment: Record<string, string>): string[] {
    try {
      readConfig(environment);
    } catch (error) {
      if (error instanceof ConfigurationError)
        return error.problems.map(({ variable, problem }) => `${variable} ${problem}`);
      throw error;
    }
    return [];
  }

  it('needs an issuer, a database and a key file, and has a safe default for everything else', () => {
    const config = readConfig(least);
    expect(keyPolicyOf(config)).toEqual(DEFAULT_KEY_POLICY);
    expect(config).toMatchObject({ CLEANUP_INTERVAL: 300, CLEANUP_BATCH: 1000, METRICS_PORT: undefined });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('tells its metrics to other machines over TLS only', () => {
    const file = join(folder, 'keys');
    const open = { ...least, HOST: '0.0.0.0', METRICS_PORT: '9464' };
    expect(problemsOf(open)).toEqual([
      'HOST must be a loopback address as long as there are no TLS_CERT_FILE and TLS_KEY_FILE',
    ]);
    expect(problemsOf({ ...open, TLS_CERT_FILE: file })).toEqual(['TLS_KEY_FILE must be set too']);
    const fine: readonly Record<string, string>[] = [
      { TLS_CERT_FILE: file, TLS_KEY_FILE: file },
      { HOST: '127.0.0.1' },
      { METRICS_PORT: '' },
    ];
    for (const settings of fine) expect(problemsOf({ ...open, ...settings })).toEqual([]);
  });

  it('keeps audit events for more than a year unless told otherwise, and never for less than a month', () => {
    expect(readConfig(least).AUDIT_RETENTION).toBe(400 * 86_400);
    expect(readConfig({ ...least, AUDIT_RETENTION: String(30 * 86_400) }).AUDIT_RETENTION).toBe(30 * 86_400);
    expect(problemsOf({ ...least, AUDIT_RETENTION: '86400' })).toEqual([expect.stringMatching(/^AUDIT_RETENTION /)]);
  });

  it('puts the queue into the database unless another carrier is named', () => {
    expect(queueUrlOf(readConfig(least))).toBe(least['DATABASE_URL']);
    expect(queueUrlOf(readConfig({ ...least, QUEUE_URL: 'rediss://queue:6379' }))).toBe('rediss://queue:6379');
  });

  it('says all problems at once and repeats no value', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://app:hunter2@db',
      QUEUE_URL: 'kafka://hunter2',
      CLEANUP_BATCH: '0',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(
      expect.arrayContaining(['ISSUER', 'DATABASE_URL', 'QUEUE_URL', 'KEY_ENCRYPTION_KEY_FILE', 'CLEANUP_BATCH']),
    );
    expect(problems.join()).not.toContain('hunter2');
  });

  it('refuses a lead that is shorter than the caches of verifiers, and a rotation faster than a key can live', () => {
    expect(problemsOf({ ...least, KEY_PUBLISH_LEAD: '60' })).toEqual([
      'KEY_PUBLISH_LEAD must be at least 410 s: verifiers may hold an older JWKS for so long',
    ]);
    expect(problemsOf({ ...least, KEY_ROTATION_INTERVAL: '4800' })).toEqual([
      'KEY_ROTATION_INTERVAL must be at least 4801 s: a key must be over before the one after next is published',
    ]);
    expect(problemsOf({ ...least, KEY_ROTATION_INTERVAL: '86400', KEY_PUBLISH_LEAD: '410' })).toEqual([]);
  });

  it('tells clients on this machine only where the issuer is on it too', () => {
    expect(readConfig(least).LOGOUT_TO_LOOPBACK).toBe(false);
    expect(readConfig({ ...least, LOGOUT_TO_LOOPBACK: 'on' }).LOGOUT_TO_LOOPBACK).toBe(true);
    expect(problemsOf({ ...least, ISSUER: 'https://auth.example.com', LOGOUT_TO_LOOPBACK: 'on' })).toEqual([
      'LOGOUT_TO_LOOPBACK must be off unless the host of ISSUER is loopback',
    ]);
  });

  it('lets a migration run without the keys', () => {
    expect(readMigrationConfig({ DATABASE_URL: 'postgres://db/app' })).toMatchObject({ QUEUE_URL: undefined });
  });
});
