import { OAuthError } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { asStoreFailure, isWorthRetrying, StoreFailure } from './store-failure.js';

/** As it arrives: a PostgreSQL error inside TypeORM's, which carries the statement's values. */
function failed(code: string, more: Partial<pg.DatabaseError> = {}): QueryFailedError {
  const error = Object.assign(new pg.DatabaseError('said by the server', 0, 'error'), { code }, more);
  return new QueryFailedError('INSERT …', ['a sealed key'], error);
}
function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
}
const outcome = (error: unknown) => {
  const failure = asStoreFailure(error);
  return failure instanceof OAuthError ? { code: failure.code, reason: failure.reason } : failure;
};
const unavailable = { code: 'temporarily_unavailable', reason: 'store_unavailable' };

describe('a failed statement', () => {
  it.each(['08006', '53300', '57014', '57P01', '57P03', '58030', '28P01', '40001', '40P01', '55P03', '25P03', '25006'])(
    'means "try again later" for SQLSTATE %s',
    (code) => {
      expect(outcome(failed(code))).toEqual(unavailable);
    },
  );

  it.each([
    systemError('ECONNREFUSED'),
    systemError('ECONNRESET'),
    systemError('ETIMEDOUT'),
    systemError('ENOTFOUND'),
    systemError('EAI_AGAIN'),
    Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('Query read timeout'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('Cannot use a pool after calling end on the pool'),
  ])('means "try again later" for %s', (error) => {
    expect(outcome(error)).toEqual(unavailable);
    expect(outcome(new QueryFailedError('SELECT', [], error))).toEqual(unavailable);
  });

  it.each(['22021', '22P05'])('is the fault of a request whose text no column can hold (%s)', (code) => {
    expect(outcome(failed(code))).toEqual({ code: 'invalid_request', reason: 'malformed_request' });
  });

  it('names table and constraint of our own mistake, and neither row nor values', () => {
    const error = failed('23505', {
      detail: 'Key (username)=(anna) already exists.',
      table: 'accounts',
      constraint: 'accounts_pkey',
    });
    const failure = asStoreFailure(error);
    expect(failure).toBeInstanceOf(StoreFailure);
    expect(failure).toMatchObject({ sqlState: '23505', table: 'accounts', constraint: 'accounts_pkey' });
    const published = JSON.stringify([failure, Object.getOwnPropertyNames(failure), (failure as Error).stack]);
    expect(published).not.toMatch(/anna|sealed/);
  });

  it('keeps what the server said about syntax, for that quotes no value', () => {
    expect((asStoreFailure(failed('42P01')) as Error).message).toContain('said by the server');
  });

  it('leaves mistakes of our code and refusals of the cores as they are', () => {
    for (const error of [new TypeError('not canonical base64url'), new Error('thrown by the caller’s own work')])
      expect(asStoreFailure(error)).toBe(error);
    const refusal = new OAuthError('invalid_grant', 'unknown_code');
    expect(asStoreFailure(refusal)).toBe(refusal);
  });

  it('is tried again only after a deadlock or a failed serialisation', () => {
    expect(['40001', '40P01'].map((code) => isWorthRetrying(failed(code)))).toEqual([true, true]);
    expect([failed('57P01'), failed('23505'), systemError('ECONNRESET')].map(isWorthRetrying)).not.toContain(true);
  });
});
