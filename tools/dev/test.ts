/**
 * `npm test`: every check and every test, each kind with what it needs, and at the end one line with the sum. Names of
 * steps run only those (`npm test -- unit`); what follows a second `--` goes to Jest (`npm test -- pg -- libs/jobs`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import { jestOutcome, ONE_FAILED, ONE_PASSED, type Outcome, sum, summary } from './tally.ts';
import { TestServices } from './test-services.ts';

const STEP_LIMIT = 20 * 60_000;
const TYPESCRIPT = 'node_modules/typescript-7/bin/tsc';
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const NX_ALONE = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };

type Environment = Readonly<Record<string, string>>;

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const services = new TestServices(say);
let running: ChildProcess | undefined;
let interrupted = false;

/** Runs Node with these arguments; true when it ended well. */
function node(args: readonly string[], environment: Environment = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: WORKSPACE,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    running = child;
    const limit = setTimeout(() => {
      say(`Stopped: this step took more than ${String(STEP_LIMIT / 60_000)} minutes.`);
      child.kill('SIGKILL');
    }, STEP_LIMIT);
    child.once('error', (error) => {
      say(error.message);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code === 0);
    });
  });
}

async function one(args: readonly string[], environment: Environment = {}): Promise<Outcome> {
  return (await node(args, environment)) ? ONE_PASSED : ONE_FAILED;
}

async function jest(kind: string, environment: Environment = {}, flags: readonly string[] = []): Promise<Outcome> {
  const results = join(WORKSPACE, '.gatehouse/test-results');
  mkdirSync(results, { recursive: true });
  const file = join(results, `${kind}-${String(process.pid)}.json`);
  const succeeded = await node([...JEST, '--json', `--outputFile=${file}`, ...flags, ...jestArguments], {
    JEST_KIND: kind,
    ...environment,
  });
  return jestOutcome(file, succeeded);
}

async function withServers(): Promise<Environment> {
  const redis = await services.redis();
  return { TEST_DATABASE_URL: await services.postgres(), ...(redis === undefined ? {} : { REDIS_URL: redis }) };
}

async function checks(): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const file of globSync('tools/checks/*.check.ts', { cwd: WORKSPACE }).sort()) {
    const outcome = await one([file]);
    if (outcome.failed > 0) say(`failed: node ${file}`);
    outcomes.push(outcome);
  }
  return sum(outcomes);
}

async function endToEnd(): Promise<Outcome> {
  const environment = await withServers();
  const { stack, stop } = await services.stack();
  void stack.broken.then((how) => {
    if (!interrupted) say(`\nTHE STACK BROKE: ${how}\n`);
  });
  const outcome = await jest('e2e', { ...environment, GATEHOUSE_STACK: stack.file }, ['--runInBand']);
  await stop(outcome.failed > 0);
  return outcome;
}

const STEPS: Readonly<Record<string, { readonly what: string; readonly run: () => Promise<Outcome> }>> = {
  format: { what: 'format', run: () => one(['node_modules/prettier/bin/prettier.cjs', '--check', '.']) },
  lint: {
    what: 'lint, boundaries included',
    run: () =>
      one(
        ['node_modules/nx/dist/bin/nx.js', 'run', 'workspace:lint', '--outputStyle=stream-without-prefixes'],
        NX_ALONE,
      ),
  },
  types: {
    what: 'type check',
    run: async () => sum([await one([TYPESCRIPT, '-p', 'tsconfig.json']), await one([TYPESCRIPT, '-p', 'tools'])]),
  },
  checks: { what: 'checks of documents and rules', run: checks },
  unit: { what: 'unit tests', run: () => jest('unit') },
  pg: { what: 'tests on PostgreSQL', run: async () => jest('pg', await withServers()) },
  e2e: { what: 'end-to-end tests', run: endToEnd },
};

const args = process.argv.slice(2);
const end = args.includes('--') ? args.indexOf('--') : args.length;
const wanted = args.slice(0, end);
const jestArguments = args.slice(end + 1);

async function main(): Promise<number> {
  const unknown = wanted.filter((name) => !(name in STEPS));
  if (unknown.length > 0) {
    say(`unknown step: ${unknown.join(' ')}; there are: ${Object.keys(STEPS).join(' ')}`);
    return 1;
  }
  const outcomes: Outcome[] = [];
  const lines: string[] = [];
  for (const [name, { what, run }] of Object.entries(STEPS)) {
    if (interrupted || (wanted.length > 0 && !wanted.includes(name))) continue;
    say(`\n=== ${what}`);
    const begun = performance.now();
    let outcome: Outcome;
    try {
      outcome = await run();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      outcome = ONE_FAILED;
    }
    outcomes.push(outcome);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    lines.push(`${name.padEnd(8)}${seconds.padStart(7)} s   ${summary(outcome)}`);
    say(`=== ${what}: ${summary(outcome)}, ${seconds} s`);
  }
  await services.stop();

  const total = sum(outcomes);
  say(`\n${lines.join('\n')}`);
  if (total.skipped.length > 0) say(`\nSKIPPED:\n${total.skipped.map((title) => `  ${title}`).join('\n')}`);
  if (interrupted) say('\nInterrupted: not all was run.');
  say(`\n${summary(total)}`);
  return interrupted || total.failed > 0 || total.passed === 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill('SIGTERM');
  });
}
process.exitCode = await main();
setTimeout(() => process.exit(), 2000).unref();
