import { type Database } from './database.js';
import { Gathering } from './gathering.js';

/** Names of columns with their types. */
export type Columns = readonly (readonly [name: string, type: string])[];

/** `values` in the order of `columns`, as JSON that `json_to_record` reads with these columns. */
export function toRecord(columns: Columns, values: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map(([name], index) => [name, asJson(values[index])]));
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
 * and rows are changed in the order of their keys, so that two replicas do not wait for each other in a circle; should
 * they all the same, each change is made again alone.
 */
export class Act {
  readonly #gathering: Gathering<{ readonly key: string; readonly values: readonly unknown[] }, boolean>;

  /**
   * @param steps common table expressions that read from `asked`, which has `columns` and a `position`
   * @param done the one of them whose rows have the positions of what has happened
   */
  constructor(database: Database, columns: Columns, steps: string, done: string) {
    const text = `
      WITH asked AS (
        SELECT * FROM json_to_recordset($1::json) AS asked (position integer, ${typed(columns)})
      ), ${steps}
      SELECT position FROM ${done}`;
    this.#gathering = new Gathering({
      keyOf: ({ key }) => key,
      equal: 'take turns',
      ask: async (acts) => {
        const ordered = acts
          .map(({ key, values }, position) => ({ key, record: { position, ...toRecord(columns, values) } }))
          .sort((a, b) => (a.key < b.key ? -1 : 1));
        const happened = new Array<boolean>(acts.length).fill(false);
        const rows = await database.query<{ readonly position: number }>(text, [
          JSON.stringify(ordered.map(({ record }) => record)),
        ]);
        for (const { position } of rows) happened[position] = true;
        return happened;
      },
    });
  }

  /** @param key of the row, in a form that sorts as its column does */
  do(key: string, values: readonly unknown[]): Promise<boolean> {
    return this.#gathering.ask({ key, values });
  }
}
