import { OAuthError } from '@gatehouse/protocol';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';

/**
 * A statement failed for a reason that is our own fault. Carries what finds the mistake and nothing else: PostgreSQL's
 * `detail` and TypeORM's `parameters` hold rows and values, and a log line would publish them.
 */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';

  constructor(
    readonly sqlState: string,
    readonly table: string | undefined,
    readonly constraint: string | undefined,
    text: string,
  ) {
    super([sqlState, table, constraint, text].filter(Boolean).join(' '));
  }
}

/** The statement was rolled back only because of what ran beside it. */
export function isWorthRetrying(error: unknown): boolean {
  const driverError = driverErrorOf(error);
  return driverError instanceof pg.DatabaseError && ['40001', '40P01'].includes(driverError.code ?? '');
}

/**
 * What a caller of any store sees instead of an error of the driver: a lost or overloaded database is
 * `temporarily_unavailable`, text that no column can hold is the requester's fault, the rest is a StoreFailure.
 */
export function asStoreFailure(error: unknown): unknown {
  const driverError = driverErrorOf(error);
  if (driverError instanceof pg.DatabaseError) return fromSqlState(driverError);
  return isConnectionProblem(driverError) ? unavailable(driverError) : error;
}

function driverErrorOf(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}

/** Errors without a SQLSTATE: of the socket (ECONNREFUSED and the like), or one of those that pg gives no code. */
function isConnectionProblem(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && typeof error.code === 'string') return /^E(?!RR_)[A-Z_]+$/.test(error.code);
  return 'message' in error && typeof error.message === 'string' && DRIVER_MESSAGES.test(error.message);
}

const DRIVER_MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Driver not Connected)/;

/**
 * Classes: connection (08), resources (53), operator intervention with shut-down and statement timeout (57), system (58),
 * sign-in to the database (28); single states: serialisation and deadlock that a retry did not cure, lock timeout,
 * idle-in-transaction timeout, and a server that is read-only because it is no longer the primary.
 */
const UNAVAILABLE = /^(08...|53...|57...|58...|28...|40001|40P01|55P03|25P03|25006)$/;
/** A character that the database cannot store (NUL, broken UTF-8, a lone surrogate in JSON). */
const UNSTORABLE = /^(22021|22P05)$/;

function fromSqlState(error: pg.DatabaseError): Error {
  const state = error.code ?? '';
  const failure = new StoreFailure(state, error.table, error.constraint, wordsOf(error));
  if (UNAVAILABLE.test(state)) return unavailable(failure);
  if (UNSTORABLE.test(state)) return new OAuthError('invalid_request', 'malformed_request', { cause: failure });
  return failure;
}

/** Messages about data and constraints may quote a value; messages about connections, syntax and privileges do not. */
function wordsOf(error: pg.DatabaseError): string {
  return /^(08|28|40|42|53|55|57|58|XX)/.test(error.code ?? '') ? error.message : '';
}

function unavailable(cause: unknown): OAuthError {
  return new OAuthError('temporarily_unavailable', 'store_unavailable', { cause });
}
