/** What a round cost: processor time of processes, statements and log bytes of the database. Counted, not sampled. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Of /proc/<pid>/stat on every Linux that Node runs on. */
const MILLISECONDS_A_TICK = 10;

function fieldsOf(pid: number | string): readonly string[] {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Milliseconds of processor time, in user and kernel mode, of all threads. */
export function processorTime(pid: number): number {
  const fields = fieldsOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_A_TICK;
}

/** Of a PostgreSQL: the server and all its children, those that have ended too. */
export function processorTimeOfTree(pid: number): number {
  const own = fieldsOf(pid);
  const ended = (Number(own[13]) + Number(own[14])) * MILLISECONDS_A_TICK;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, child) => {
      try {
        return fieldsOf(child)[1] === String(pid) ? sum + processorTime(Number(child)) : sum;
      } catch {
        return sum;
      }
    }, 0);
  return processorTime(pid) + ended + children;
}

export class DatabaseMeter {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<DatabaseMeter> {
    const client = new pg.Client({ connectionString: url });
    // When a run fails the database is stopped under it; what failed says more.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    return new DatabaseMeter(client);
  }

  async read(database: string): Promise<{ readonly statements: number; readonly wal: number }> {
    const { rows } = await this.#client.query<{ readonly statements: number; readonly wal: number }>(
      `SELECT coalesce(sum(calls), 0)::float8 AS statements, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 AS wal
         FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1`,
      [database],
    );
    return rows[0] ?? { statements: 0, wal: 0 };
  }

  /** What a round left to do: nothing of it may be counted with the next. */
  async settle(): Promise<void> {
    await pause(30);
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
