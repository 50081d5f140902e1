import { describe, expect, it } from '@jest/globals';
import { type ConfigurationError } from '@gatehouse/platform';
import { readConfig, serverPolicyOf } from './config.js';

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

  it('refuses to listen on the network while the issuer is plain http', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual(['HOST']);
  });

  it('accepts https behind a declared proxy, with a path', () => {
    expect(problemsOf({ ISSUER: 'https://auth.example/t1', TRUSTED_PROXIES: '10.0.0.0/8', HOST: '0.0.0.0' })).toEqual(
      [],
    );
  });
});
