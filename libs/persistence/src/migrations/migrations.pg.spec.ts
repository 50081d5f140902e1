import { afterEach, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../data-source.js';
import { migrate } from '../migrate.js';
import { EVERYTHING, readEverything } from '../testing/everything.js';
import { createTestDatabase } from '../testing/index.js';
import { MIGRATIONS } from './migrations.js';

const TESTDATA = new URL('../testdata/', import.meta.url);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function emptyDatabase(): Promise<string> {
  const { url, close } = await createTestDatabase({ empty: true });
  closers.push(close);
  return url;
}

async function connect(url: string, migrations: typeof MIGRATIONS = MIGRATIONS): Promise<DataSource> {
  const options = { ...dataSourceOptions({ url, poolSize: 2, applicationName: 'migrations' }), migrations };
  const source = await new DataSource(options).initialize();
  closers.push(() => source.destroy());
  return source;
}

/** The name of a migration ends in the number by which they are ordered. */
const versionOf = ({ name }: { readonly name: string }): string => /\d{13}$/.exec(name)?.[0] ?? '';

describe('the migrations', () => {
  it('run once when several starters call at the same time', async () => {
    const url = await emptyDatabase();
    const ran = await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
    expect(ran.filter((names) => names.length > 0)).toEqual([MIGRATIONS.map(({ name }) => name)]);
    expect(await migrate(url)).toEqual([]);
  });

  it('make exactly the tables, columns, constraints and indexes that the rows declare', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const difference = await (await connect(url)).driver.createSchemaBuilder().log();
    expect(difference.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('make the partial indexes partial in the way the rows declare, which the comparison above leaves out', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const source = await connect(url);
    const made = await source.query<{ readonly name: string; readonly predicate: string }[]>(
      `SELECT indexrelid::regclass::text AS name, pg_get_expr(indpred, indrelid) AS predicate
         FROM pg_index WHERE indpred IS NOT NULL AND indrelid::regclass::text NOT LIKE 'pg_%' ORDER BY 1`,
    );
    const declared = source.entityMetadatas
      .flatMap(({ indices }) => indices)
      .flatMap(({ name, where }) => (where === undefined ? [] : [{ name, predicate: where }]))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(made).toEqual(declared);
  });

  it('stand in the order of their numbers, each with one of its own', () => {
    const versions = MIGRATIONS.map(versionOf);
    expect(versions).toEqual([...new Set(versions)].sort());
  });

  it('can be taken back to the empty database', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const source = await connect(url);
    for (let count = 0; count < MIGRATIONS.length; count += 1) await source.undoLastMigration({ transaction: 'each' });
    const left = await source.query<{ readonly name: string }[]>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'
       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
    );
    expect(left).toEqual([{ name: 'migrations' }]);
  });

  it('have test data for the newest released schema', async () => {
    const files = await readdir(TESTDATA);
    expect(files).toContain('1700000000012.sql');
  });
});

describe('rows written before', () => {
  it.each(['1700000000012'])('migration %s and after are still read by every store', async (version) => {
    const url = await emptyDatabase();
    const then = await connect(
      url,
      MIGRATIONS.filter((migration) => versionOf(migration) <= version),
    );
    await then.runMigrations({ transaction: 'each' });
    await then.query(await readFile(new URL(`${version}.sql`, TESTDATA), 'utf8'));
    await migrate(url);
    expect(await readEverything(url)).toEqual(EVERYTHING);
  });
});
