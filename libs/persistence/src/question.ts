import { type Database } from './database.js';
import { Gathering } from './gathering.js';

/**
 * A SELECT about one thing, asked about many at a time: `$1`, `$2` and so on stand in it for what is asked, and it finds one
 * row at most. The statement itself stays as it would be for one.
 */
export class Question<Values extends readonly unknown[], Row extends object> {
  readonly #gathering: Gathering<Values, Row | undefined>;

  /** @param types of the parameters, as PostgreSQL calls them */
  constructor(database: Database, statement: string, types: readonly string[]) {
    const text = aboutMany(statement, types);
    this.#gathering = new Gathering<Values, Row | undefined>({
      keyOf: keyOf,
      equal: 'share',
      ask: async (questions) => {
        const columns = types.map((_, index) => questions.map((values) => values[index]));
        const answers = new Array<Row | undefined>(questions.length).fill(undefined);
        for (const row of await database.query<Row & { readonly asked_at: number }>(text, columns))
          answers[row.asked_at - 1] = row;
        return answers;
      },
    });
  }

  ask(...values: Values): Promise<Row | undefined> {
    return this.#gathering.ask(values);
  }
}

/** LIMIT keeps the planner from joining what is asked with whole tables: each is looked up as it would be alone. */
function aboutMany(statement: string, types: readonly string[]): string {
  const names = types.map((_, index) => `value${index + 1}`);
  const one = statement.replaceAll(/\$(\d+)/g, (_, number: string) => `asked.value${number}`);
  return `
    SELECT asked.position::integer AS asked_at, found.*
      FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
           WITH ORDINALITY AS asked (${names.join(', ')}, position)
     CROSS JOIN LATERAL (${one} LIMIT 1) found`;
}

function keyOf(values: readonly unknown[]): string {
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') return only;
  return values
    .map((value) =>
      value instanceof Date
        ? String(value.getTime())
        : Buffer.isBuffer(value)
          ? value.toString('latin1')
          : String(value),
    )
    .join('\u0000');
}
