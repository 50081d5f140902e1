/**
 * A child process of the stack. Its output goes to a log file; of that only what is wrong is shown. It does not hear
 * Ctrl-C itself (the stack ends its parts in order), and does not outlive us: a guard ends it when we are gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

export interface ServiceOptions {
  readonly name: string;
  /** The built file. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Answers 200 when the service is ready. */
  readonly health: string;
  /** Told of each line of the log that reports an error. */
  readonly onTrouble: (line: string) => void;
}

const READY_WITHIN = 60_000;
const STOP_WITHIN = 10_000;
/** pino's level of an error. */
const ERROR = 50;
const KEPT_LINES = 40;

export class Service {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended, with how. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #health: string;
  readonly #lines: string[] = [];
  #end: string | undefined;

  constructor({ name, entry, environment, logFile, health, onTrouble }: ServiceOptions, releaseAtEnd: ChildGuard) {
    this.name = name;
    this.#health = health;
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
    const log = createWriteStream(logFile, { mode: 0o600 });
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    const follow = (stream: Readable): void => {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        this.#lines.push(line);
        if (this.#lines.length > KEPT_LINES) this.#lines.shift();
        if (isTrouble(line)) onTrouble(line);
      });
    };
    follow(child.stdout);
    follow(child.stderr);
    const forget = releaseAtEnd(this.pid);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve((this.#end = error.message));
      });
      // 'close' and not 'exit': its last words are read by then.
      child.once('close', (code, signal) => {
        log.end();
        forget();
        resolve((this.#end ??= signal ?? `exit code ${String(code)}`));
      });
    });
  }

  lastLines(): string {
    return this.#lines.map((line) => `  ${line}`).join('\n');
  }

  /** @throws Error with its last lines when it ends instead, or is not ready in a minute; the signal's reason when it is aborted */
  async ready(signal?: AbortSignal): Promise<void> {
    const until = Date.now() + READY_WITHIN;
    for (;;) {
      signal?.throwIfAborted();
      if (this.#end !== undefined) throw new Error(`${this.name} ended (${this.#end}):\n${this.lastLines()}`);
      const answer = await fetch(this.#health, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.status === 200) return;
      if (Date.now() > until) {
        const state = answer ? `answers ${String(answer.status)}` : 'does not answer';
        throw new Error(`${this.name} is not ready after a minute (${this.#health} ${state}):\n${this.lastLines()}`);
      }
      await pause(100);
    }
  }

  async stop(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (this.#end !== undefined) return;
      this.#child.kill(signal);
      await Promise.race([this.ended, pause(STOP_WITHIN, undefined, { ref: false })]);
    }
    await this.ended;
  }

  kill(): void {
    if (this.#end === undefined) this.#child.kill('SIGKILL');
  }
}

function isTrouble(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    return level === 'error' || level === 'fatal' || (typeof level === 'number' && level >= ERROR);
  } catch {
    return false;
  }
}

/** Entrusts a process to the guard; the result takes it back. */
export type ChildGuard = (pid: number) => () => void;

/** Reads "+pid" and "-pid" lines; when we are gone, however we went, ends whom it still has. Nobody reads their output then; one that blocks on it is killed. */
const GUARD = `pids=' '
while read -r line; do
  case $line in
    +*) pids="$pids\${line#+} " ;;
    -*) pids=$(printf %s "$pids" | sed "s/ \${line#-} / /") ;;
  esac
done
for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
any_left() { for pid in $pids; do kill -0 "$pid" 2>/dev/null && return; done; return 1; }
tries=0
while [ $tries -lt 100 ] && any_left; do sleep 0.1; tries=$((tries + 1)); done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
exit 0`;

export function startGuard(): { readonly entrust: ChildGuard; release(): void } {
  if (process.platform === 'win32') return { entrust: () => () => undefined, release: () => undefined };
  const child = spawn('/bin/sh', ['-c', GUARD, 'stack-guard'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.unref();
  child.stdin.on('error', () => undefined);
  return {
    entrust: (pid) => {
      child.stdin.write(`+${String(pid)}\n`);
      return () => {
        child.stdin.write(`-${String(pid)}\n`);
      };
    },
    release: () => {
      child.stdin.end();
    },
  };
}
