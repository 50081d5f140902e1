import { type Database } from './database.js';
import { Gathering } from './gathering.js';

/** Names of columns with their types. */
export type Columns = readonly (readonly [name: string, type: string])[];

/** `values` in the order of `columns`, as JSON that `json_to_record` reads with these columns. */
export function toRecord(columns: Columns, values: readonly unknown[]): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const [index, [name]] of columns.entries()) record[name] = asJson(values[index]);
  return record;
}

export function typed(columns: Columns): string {
  return columns.map(([name, type]) => `${name} ${type}`).join(', ');
}

/** Bytes as PostgreSQL writes them; instants JSON writes as it should by itself. */
function asJson(value: unknown): unknown {
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value;
}

/**
 * A conditional change of one row, made for many at a time: each of them happens or does not by the same conditions,
 * looked at under the lock of its row, as if it had come alone. Changes of one row take turns, never two in a statement,
 * and both sides of their join come in the order of the keys, so that two replicas do not wait for each other in a circle;
 * should they all the same, each change is made again alone.
 */
export class Act {
  readonly #gathering: Gathering<{ readonly key: string; readonly values: readonly unknown[] }, boolean>;

  /**
   * @param columns of what is asked; the first is the key of the row
   * @param steps common table expressions that read from `asked`, which has `columns` and a `position`; `$2` is an array of
   *   the keys. The row is found by it alone (`= ANY($2)`), and compared with `asked` in a way that no index serves (IS NOT
   *   DISTINCT FROM): however small the tables are when it is planned, the plan goes by the keys.
   * @param done the one of them whose rows have the positions of what has happened
   */
  constructor(database: Database, columns: Columns, steps: string, done: string) {
    const [[key, keyType] = ['', '']] = columns;
    const text = `
      WITH asked AS (
        SELECT * FROM json_to_recordset($1::json) AS asked (position integer, ${typed(columns)})
         WHERE $2::${keyType}[] IS NOT NULL
         ORDER BY ${key}
      ), ${steps}
      SELECT position FROM ${done}`;
    this.#gathering = new Gathering({
      keyOf: ({ key }) => key,
      equal: 'take turns',
      ask: async (acts) => {
        const records = acts.map(({ values }, position) => ({ position, ...toRecord(columns, values) }));
        const keys = acts.map(({ values }) => values[0]);
        const happened = new Array<boolean>(acts.length).fill(false);
        const rows = await database.query<{ readonly position: number }>(text, [JSON.stringify(records), keys]);
        for (const { position } of rows) happened[position] = true;
        return happened;
      },
    });
  }

  /** @param values of the columns, the key of the row first */
  do(...values: readonly [string | Buffer, ...unknown[]]): Promise<boolean> {
    const [key] = values;
    return this.#gathering.ask({ key: Buffer.isBuffer(key) ? key.toString('latin1') : key, values });
  }
}
