import pg from 'pg';
import { readFast } from './type-parsers.js';

/** Statement texts are constants of the stores; the cap is for administration queries, whose texts vary. */
const MOST_NAMES = 500;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_NAMES) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}

/**
 * A pool whose connections prepare every parametrised statement once, under a name. TypeORM never prepares, and planning
 * costs as much again as executing. Not for PgBouncer's transaction pooling unless it has `max_prepared_statements`.
 */
export class PreparingPool extends pg.Pool {
  constructor(config?: pg.PoolConfig) {
    super(config);
    this.on('connect', prepareStatementsOf);
    this.on('connect', readFast);
  }
}

type Query = (statement: unknown, values?: unknown, callback?: unknown) => unknown;

function prepareStatementsOf(client: pg.PoolClient): void {
  const send = client.query.bind(client) as Query;
  const prepare: Query = (statement, values, callback) => {
    const text = typeof statement === 'string' && Array.isArray(values) && values.length > 0 ? statement : undefined;
    const name = text === undefined ? undefined : nameOf(text);
    const sent = name === undefined ? send(statement, values, callback) : send(...named(name, text, values, callback));
    if (sent instanceof Promise) sent.catch((error: unknown) => void leaveIfSpent(client, error));
    return sent;
  };
  client.query = prepare as typeof client.query;
}

/** A description of a statement is copied by the driver, property by property; a statement that is made already is not. */
function named(name: string, text: unknown, values: unknown, callback: unknown): Parameters<Query> {
  if (typeof callback !== 'function') return [{ name, text, values }, callback];
  const statement = new pg.Query(text as string, values as unknown[]);
  return [Object.assign(statement, { name, callback })];
}

/**
 * Two connections would look sound to the pool although the next user would only meet the trouble of the last: one that
 * still waits for an answer (read timeout), and one that the server is just closing (57P: shut-down, termination).
 */
async function leaveIfSpent(client: pg.PoolClient, error: unknown): Promise<void> {
  const unanswered = error instanceof Error && error.message === 'Query read timeout';
  const closing = error instanceof pg.DatabaseError && error.code?.startsWith('57P') === true;
  if (unanswered || closing) await (client as unknown as pg.Client).end().catch(() => undefined);
}
