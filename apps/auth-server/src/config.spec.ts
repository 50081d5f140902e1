import { describe, expect, it } from '@jest/globals';
import { type ConfigurationError } from '@gatehouse/platform';
import { clientTrustOf, readConfig, serverPolicyOf } from './config.js';

const NEEDED = { DATABASE_URL: 'postgres://auth@127.0.0.1/gatehouse', KEY_ENCRYPTION_KEY_FILE: import.meta.filename };

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig({ ...NEEDED, ...environment });
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems.map(({ variable }) => variable);
  }
}

describe('configuration of the authorization server', () => {
  it('has a default for everything but the database and the key file', () => {
    const config = readConfig(NEEDED);
    expect(config).toMatchObject({ ISSUER: 'http://127.0.0.1:4000', HOST: '127.0.0.1', PORT: 4000 });
    expect(serverPolicyOf(config)).toMatchObject({
      accessTokenLifetime: 300,
      refreshRetryWindow: 30,
      redirectSchemes: [],
    });
    expect(problemsOf({ DATABASE_URL: '', KEY_ENCRYPTION_KEY_FILE: '' })).toEqual([
      'DATABASE_URL',
      'KEY_ENCRYPTION_KEY_FILE',
    ]);
  });

  it('names everything that is wrong at once', () => {
    expect(
      problemsOf({
        PORT: 'x',
        ISSUER: 'https://auth.example/',
        SIGN_IN_LIMIT_PER_ACCOUNT: '10',
        DEFAULT_RESOURCE: 'x#y',
      }),
    ).toEqual(['ISSUER', 'PORT', 'DEFAULT_RESOURCE', 'SIGN_IN_LIMIT_PER_ACCOUNT']);
  });

  it.each([
    ['plain http outside loopback', { ISSUER: 'http://auth.example' }],
    ['https without certificate or proxy', { ISSUER: 'https://auth.example' }],
    ['an issuer with a query', { ISSUER: 'http://127.0.0.1:4000?x' }],
    ['an issuer with a slash at the end', { ISSUER: 'http://127.0.0.1:4000/' }],
    ['an issuer whose path a router would read as a pattern', { ISSUER: 'http://127.0.0.1:4000/:tenant' }],
  ])('refuses %s', (_what, environment) => {
    expect(problemsOf(environment)).toEqual(['ISSUER']);
  });

  it('takes lists of clients and domains, by whole labels and without patterns (AS-94)', () => {
    const config = readConfig({
      ...NEEDED,
      CLIENT_REGISTRATION: 'verified',
      CLIENT_ALLOWED_DOMAINS: 'app.example.com, *.example.org',
      CLIENT_DENIED_IDS: 'c_0123,https://evil.example/client.json',
    });
    expect(clientTrustOf(config)).toEqual({
      registration: 'verified',
      allowed: { domains: ['app.example.com', '*.example.org'], clients: [] },
      denied: { domains: [], clients: ['c_0123', 'https://evil.example/client.json'] },
    });
    for (const domains of [
      '*.com',
      '*',
      'a.*.example.com',
      '*example.com',
      'App.example.com',
      'https://a.example',
      '.a.b',
    ])
      expect([domains, problemsOf({ CLIENT_ALLOWED_DOMAINS: domains })]).toEqual([domains, ['CLIENT_ALLOWED_DOMAINS']]);
  });

  it('opens this machine to documents in development alone (AS-86)', () => {
    expect(readConfig(NEEDED).CLIENT_DOCUMENTS_FROM_LOOPBACK).toBe(false);
    const loopback = { CLIENT_DOCUMENTS_FROM_LOOPBACK: 'on' };
    expect(problemsOf(loopback)).toEqual([]);
    expect(problemsOf({ ...loopback, ISSUER: 'https://auth.example', TRUSTED_PROXIES: '10.0.0.0/8' })).toEqual([
      'CLIENT_DOCUMENTS_FROM_LOOPBACK',
    ]);
  });

  it('refuses to listen on the network while the issuer is plain http', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual(['HOST']);
  });

  it('accepts https behind a declared proxy, with a path', () => {
    expect(problemsOf({ ISSUER: 'https://auth.example/t1', TRUSTED_PROXIES: '10.0.0.0/8', HOST: '0.0.0.0' })).toEqual(
      [],
    );
  });
});
