/** The worker of the running stack from outside: its queue, its tables, and a second one beside it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pause, readStack, workspaceRoot } from '@gatehouse/test-kit';
import { Queue, QueueEvents, type QueueOptions, createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';

export const JOBS = ['rotate-signing-keys', 'clean-up-expired'] as const;
export type JobName = (typeof JOBS)[number];

export const stack = readStack();
const environment: Readonly<Record<string, string>> = stack.environment?.['worker'] ?? {};

export function workerUrl(path: string): string {
  const port = environment['METRICS_PORT'];
  if (port === undefined) throw new Error('the stack file does not say where the worker listens');
  return `http://127.0.0.1:${port}${path}`;
}

/** BullMQ as an operator's script would use it. */
export function queueOptions(): QueueOptions {
  const url = environment['QUEUE_URL'] ?? stack.database;
  const prefix = '{gatehouse}';
  if (!url.startsWith('postgres')) return { connection: { url, maxRetriesPerRequest: null }, prefix };
  setDefaultBackendFactory(createPostgresBackend);
  const connection = { connectionString: url, schema: 'bullmq', max: 2 } as unknown as QueueOptions['connection'];
  return { connection, prefix };
}

/** Asks for a run of the job and waits for what it did. */
export async function runJob(name: JobName, data: object = {}): Promise<Record<string, unknown>> {
  const queue = new Queue(name, queueOptions());
  const events = new QueueEvents(name, queueOptions());
  try {
    await events.waitUntilReady();
    const job = await queue.add(name, data);
    return (await job.waitUntilFinished(events, 30_000)) as Record<string, unknown>;
  } finally {
    await Promise.all([events.close(), queue.close()]);
  }
}

export async function rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.database });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

export interface SecondWorker {
  log(): readonly Record<string, unknown>[];
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** @throws Error with its log when it does not come up */
export async function startSecondWorker(): Promise<SecondWorker> {
  const child = spawn(process.execPath, [join(workspaceRoot(), 'dist/apps/worker/main.js')], {
    env: { PATH: process.env['PATH'] ?? '', ...environment, METRICS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const log = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const until = Date.now() + 20_000;
  while (!log().some((line) => line['event'] === 'listening')) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the second worker did not come up:\n${text.slice(-4000)}`);
    }
    await pause(50);
  }
  return {
    log,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
