/**
 * Processes of a measurement: servers on one core, whoever loads them and the database on the other. Without taskset
 * (or a second core) nothing is pinned, and the figures say more about the scheduler.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const SERVERS = '0';
const OTHERS = '1';

export const pinned = availableParallelism() > 1 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;

/** Us, and with us every process that we start from now on. */
export function pinOurselves(): void {
  if (pinned) spawnSync('taskset', ['-acp', OTHERS, String(process.pid)], { stdio: 'ignore' });
}

/** A Node.js process on the servers' core; its output goes to `log`. */
export function startServer(
  args: readonly string[],
  options: { readonly log: string; readonly environment?: NodeJS.ProcessEnv },
): ChildProcess {
  const log = openSync(options.log, 'a');
  const command = [process.execPath, ...args];
  const [program = '', ...rest] = pinned ? ['taskset', '-c', SERVERS, ...command] : command;
  const child = spawn(program, rest, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...options.environment },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return child;
}

export async function stopServer(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await Promise.race([ended, pause(10_000).then(() => child.kill('SIGKILL'))]);
}

/** @throws Error when it does not answer within half a minute */
export async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await pause(100);
  }
  throw new Error(`${url} does not answer`);
}
