import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { migrateQueue } from '../queue-migration.js';

/** A technology to run the same specs on. `start` gives the URL of an empty, migrated queue of its own. */
export interface QueueServer {
  readonly technology: 'postgres' | 'redis';
  /** Why it cannot run here; undefined: it can. */
  readonly missing: string | undefined;
  start(): Promise<{ readonly url: string; stop(): Promise<void> }>;
}

const databaseUrl = process.env['TEST_DATABASE_URL'];
const redisUrl = process.env['REDIS_URL'];
const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0;

/** PostgreSQL by TEST_DATABASE_URL; Redis by a redis-server on the PATH, started and stopped here, else by REDIS_URL. */
export const QUEUE_SERVERS: readonly QueueServer[] = [
  {
    technology: 'postgres',
    missing: databaseUrl === undefined ? 'TEST_DATABASE_URL is not set' : undefined,
    start: async () => {
      if (databaseUrl === undefined) throw new Error('TEST_DATABASE_URL is not set');
      const url = new URL(databaseUrl);
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      url.pathname = `/queue_${randomBytes(6).toString('hex')}`;
      await client.query(`CREATE DATABASE ${url.pathname.slice(1)}`);
      await client.end();
      await migrateQueue(url.href);
      return { url: url.href, stop: () => Promise.resolve() };
    },
  },
  {
    technology: 'redis',
    missing:
      redisUrl === undefined && !hasRedisServer
        ? 'REDIS_URL is not set and redis-server is not on the PATH'
        : undefined,
    start: async () => {
      if (!hasRedisServer && redisUrl !== undefined) {
        // A database for each of Jest's processes, for the specs empty their queues.
        const url = new URL(redisUrl);
        url.pathname = `/${process.env['JEST_WORKER_ID'] ?? '0'}`;
        return { url: url.href, stop: () => Promise.resolve() };
      }
      const port = await freePort();
      const server = spawn(
        'redis-server',
        ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        { stdio: 'ignore' },
      );
      await answers(server, port);
      return {
        url: `redis://127.0.0.1:${port}`,
        stop: async () => {
          const ended = once(server, 'exit');
          server.kill();
          await ended;
        },
      };
    },
  },
];

for (const { technology, missing } of QUEUE_SERVERS)
  if (missing !== undefined) process.stderr.write(`\n*** NOT TESTED on ${technology}: ${missing} ***\n\n`);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(server: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), pause(500, false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await pause(50);
  }
  throw new Error('redis-server does not answer');
}
