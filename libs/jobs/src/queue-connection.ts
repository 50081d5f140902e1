/**
 * The one place that knows which technology carries the queues: postgres:// is BullMQ's PostgreSQL backend in a schema of
 * its own, redis:// and rediss:// are Redis or Valkey. Nothing else in the house may tell them apart.
 */
import { type QueueOptions, createPostgresBackend, setDefaultBackendFactory } from 'bullmq';

export type QueueTechnology = 'postgres' | 'redis';

export const QUEUE_URL_SCHEMES = ['postgres', 'postgresql', 'redis', 'rediss'] as const;

/** @throws TypeError for another scheme, without repeating the URL: it holds a password */
export function queueTechnology(url: string): QueueTechnology {
  const scheme = url.slice(0, url.indexOf(':'));
  if (scheme === 'postgres' || scheme === 'postgresql') return 'postgres';
  if (scheme === 'redis' || scheme === 'rediss') return 'redis';
  throw new TypeError(`a queue URL begins with one of ${QUEUE_URL_SCHEMES.map((known) => `${known}://`).join(', ')}`);
}

/**
 * Options for every queue and worker of this process. Chooses the backend for the whole process, for that is how BullMQ
 * and its Nest module take it: call it before any of them is made.
 */
export function queueOptions(url: string): QueueOptions {
  const technology = queueTechnology(url);
  setDefaultBackendFactory(technology === 'postgres' ? createPostgresBackend : undefined);
  return {
    connection: technology === 'postgres' ? postgresConnection(url) : redisConnection(url),
    // One hash tag: on a Redis Cluster all keys of a queue must lie on one node. PostgreSQL knows no prefix.
    prefix: '{gatehouse}',
    defaultJobOptions: {
      attempts: 3,
      backoff: { type: 'exponential', delay: 1000 },
      removeOnComplete: { age: 86_400, count: 200 },
      removeOnFail: { age: 7 * 86_400, count: 1000 },
    },
  };
}

function postgresConnection(url: string): QueueOptions['connection'] {
  // Each queue and each worker has such a pool; the sum over all processes must fit the server.
  return { connectionString: url, schema: 'bullmq', max: 3 };
}

function redisConnection(url: string): QueueOptions['connection'] {
  // Null: a worker waits for a lost Redis for ever instead of giving up its blocking call.
  return { url, maxRetriesPerRequest: null };
}
