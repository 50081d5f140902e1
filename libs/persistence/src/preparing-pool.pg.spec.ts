import { describe, expect, it } from '@jest/globals';
import { PreparingPool } from './preparing-pool.js';

const connectionString = process.env['TEST_DATABASE_URL'] ?? '';
const PID = 'SELECT pg_backend_pid() AS pid WHERE $1::boolean';

describe('PreparingPool', () => {
  it('plans a statement with parameters once a connection, and does not name one without', async () => {
    const pool = new PreparingPool({ connectionString, max: 1 });
    const client = await pool.connect();
    for (let turn = 0; turn < 3; turn += 1) await client.query('SELECT $1::integer AS number', [turn]);
    const { rows } = await client.query<{ readonly statement: string }>('SELECT statement FROM pg_prepared_statements');
    expect(rows).toEqual([{ statement: 'SELECT $1::integer AS number' }]);
    client.release();
    await pool.end();
  });

  it('does not hand on a connection that still waits for an answer', async () => {
    const pool = new PreparingPool({ connectionString, max: 1, query_timeout: 200 });
    pool.on('error', () => undefined);
    const first = await pool.connect();
    const { rows } = await first.query<{ readonly pid: number }>(PID, [true]);
    await expect(first.query('SELECT pg_sleep(2) WHERE $1', [true])).rejects.toThrow('Query read timeout');
    first.release();
    const second = await pool.connect();
    const answer = await second.query<{ readonly pid: number }>(PID, [true]);
    expect(answer.rows[0]?.pid).not.toBe(rows[0]?.pid);
    second.release();
    await pool.end();
  });
});
