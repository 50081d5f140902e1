/**
 * The operator's own PostgreSQL and Redis, in place of ours: a wrong URL is said in a sentence at once, not by the
 * migrations with a stack or by the worker after a minute. What is no such URL at all, the applications' configuration
 * says better.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';

const TIMEOUT_MS = 10_000;

/** @throws Error in words for people; the URL, which has a password, is not in them */
export async function requireDatabase(url: string): Promise<void> {
  if (!/^postgres(ql)?:/.test(url)) return;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new Error(`The database of DATABASE_URL cannot be used: ${wordsOf(cause)}`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Only whether something listens there: signing in is the worker's. @throws Error in words for people */
export async function requireQueue(url: string): Promise<void> {
  if (!/^rediss?:/.test(url) || !URL.canParse(url)) return;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new Error(`The queue of QUEUE_URL cannot be reached: ${wordsOf(cause)}`, { cause });
  } finally {
    socket.destroy();
  }
}

/** Node tries all addresses of a name and fails with an error for each. */
function wordsOf(error: unknown): string {
  const { errors, message } = error as { readonly errors?: readonly unknown[]; readonly message?: string };
  return errors?.map(wordsOf).join(', ') ?? message ?? String(error);
}
