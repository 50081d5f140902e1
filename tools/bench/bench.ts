/**
 * `npm run bench`: what a request costs this server, and what it costs oidc-provider, measured in one run on one
 * PostgreSQL, with the same pool, the same algorithms and in turn, so that the ratio says something although the machine
 * does not. `-- --quick` measures less, `-- --only refresh` one operation, `-- --profile` writes a CPU profile of this
 * server beside its log. How to read what it prints: docs/benchmarks.md.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { WORKSPACE } from '../build/bundle.ts';
import { type Postgres, startPostgres } from '../dev/postgres.ts';
import { type Gatehouse, startGatehouse } from './gatehouse.ts';
import { drive } from './load.ts';
import { DatabaseMeter, processorTime, processorTimeOfTree } from './meters.ts';
import { Operations } from './operations.ts';
import { startPeer } from './peer.ts';
import { pinned, pinOurselves } from './processes.ts';
import { race, raceReport } from './race.ts';
import { compare, type GoalTable, quantile, report, type Sample } from './summary.ts';
import {
  OPERATIONS,
  type OperationName,
  REDIRECT,
  RESOURCE,
  SCOPE,
  type Target,
  VERIFIER,
  workersOf,
} from './target.ts';

const PARALLEL = 32;
const PEOPLE = 8;
const POOL = 8;
const GOALS: GoalTable = {
  client_credentials: { first: 2, then: 3 },
  refresh: { first: 5, then: 8, statements: 1, wal: 450 },
  code: { first: 3.5, then: 5, statements: 5 },
  introspect: { first: 3.5, then: 6 },
};

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true }, profile: { type: 'boolean' } },
});
const plan = flags.quick === true ? { rounds: 3, seconds: 0.4, races: 5 } : { rounds: 7, seconds: 0.6, races: 20 };
const operations = OPERATIONS.filter((name) => flags.only === undefined || flags.only.includes(name));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Commits wait for the log as in production; pages are not written whole, for a checkpoint would fall into some round. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  autovacuum: 'off',
  max_connections: 100,
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  shared_preload_libraries: 'pg_stat_statements',
};

async function databaseOf(postgres: Postgres, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url() });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return postgres.url(name);
}

async function main(dir: string): Promise<void> {
  pinOurselves();
  const postgres = await startPostgres({ settings: SETTINGS });
  const targets: Target[] = [];
  try {
    const authorization = new URLSearchParams({
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: SCOPE,
      resource: RESOURCE,
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    const common = { people: PEOPLE, poolSize: POOL, authorization };
    const gatehouse = await startGatehouse({
      ...common,
      dir,
      url: await databaseOf(postgres, 'gatehouse'),
      database: 'gatehouse',
      profile: flags.profile === true ? dir : undefined,
    });
    targets.push(gatehouse);
    const peer = await startPeer({
      ...common,
      url: await databaseOf(postgres, 'peer'),
      database: 'peer',
      log: join(dir, 'peer.log'),
    });
    targets.push(peer);
    say(
      `Node ${process.versions.node}, ${postgres.version}, ${String(PARALLEL)} at a time, ${String(plan.rounds)} rounds of ` +
        `${String(plan.seconds)} s; ${pinned ? 'servers on core 0, load and database on core 1' : 'NOT PINNED: figures are rough'}; ` +
        `load average ${(loadavg()[0] ?? 0).toFixed(1)}\n`,
    );
    const samples = await measure(postgres, targets);
    say(report(compare(samples, gatehouse.name, peer.name), [gatehouse.name, peer.name], GOALS));
    if (flags.only === undefined) await races(gatehouse, peer);
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    await postgres.stop();
  }
}

async function measure(postgres: Postgres, targets: readonly Target[]): Promise<readonly Sample[]> {
  const meter = await DatabaseMeter.open(postgres.url());
  const crews = await Promise.all(
    targets.map(async (target) => {
      const workers = await workersOf(target, PARALLEL);
      const known = new Operations(target);
      const [first] = workers;
      if (first) await known.prepare(first);
      return { target, workers, known };
    }),
  );
  const samples: Sample[] = [];
  const once = async (name: OperationName, round: number, { target, workers, known }: (typeof crews)[number]) => {
    await meter.settle();
    const before = await readings();
    const load = await drive(workers, known.get(name), plan.seconds);
    const after = await readings();
    if (load.operations === 0) return;
    samples.push({
      target: target.name,
      operation: name,
      round,
      operations: load.operations,
      seconds: load.seconds,
      server: after.server - before.server,
      database: after.database - before.database,
      statements: after.statements - before.statements,
      wal: after.wal - before.wal,
      p50: quantile(load.latencies, 0.5),
      p99: quantile(load.latencies, 0.99),
    });

    async function readings() {
      return {
        server: processorTime(target.pid),
        database: processorTimeOfTree(postgres.pid),
        ...(await meter.read(target.database)),
      };
    }
  };
  // Round 0 warms up and does not count.
  for (let round = 0; round <= plan.rounds; round += 1)
    for (const name of operations)
      for (const crew of round % 2 === 0 ? crews : [...crews].reverse()) await once(name, round, crew);
  for (const { workers } of crews) for (const { connection } of workers) connection.close();
  await meter.close();
  return samples.filter(({ round }) => round > 0);
}

async function races(gatehouse: Gatehouse, peer: Target): Promise<void> {
  const second = await gatehouse.startSecond();
  try {
    const origins = [gatehouse.origin, second.origin];
    const ours = await race(gatehouse, origins, plan.races);
    say(`\n${raceReport(gatehouse.name, origins.length, ours)}`);
    say(raceReport(peer.name, 1, await race(peer, [peer.origin], 1)));
    if (ours.some(({ winners }) => winners !== 1)) throw new Error('a race had no winner, or more than one');
  } finally {
    await second.stop();
  }
}

const kept = flags.profile === true;
mkdirSync(join(WORKSPACE, '.gatehouse'), { recursive: true });
const dir = mkdtempSync(join(WORKSPACE, '.gatehouse', 'bench-'));
try {
  await main(dir);
  if (kept) say(`\nThe profile is in ${dir}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nLogs: ${dir}\n`);
  process.exitCode = 1;
}
if (!kept && process.exitCode === undefined) rmSync(dir, { recursive: true, force: true });
