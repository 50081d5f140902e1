/** How every app begins and ends: say plainly what is wrong at the start, stop in order when told to. */
import type { EventLogger } from '../logger/event-logger.js';
import { failureText } from './failure-text.js';

export interface RunningProcess {
  readonly logger: EventLogger;
  /**
   * Says that it is going, and comes back when whoever sends it work has had the time to notice. Until then it serves as
   * ever. Absent: nobody has to be told.
   */
  leave?(): Promise<void>;
  /** Stops accepting, finishes what was begun, lets go of everything. */
  close(): Promise<void>;
}

/** Orchestrators commonly kill after ten seconds. */
const GRACE_MS = 8000;

/**
 * Starts, and stops on SIGTERM or SIGINT with exit code 0: it takes its leave, and is gone within ten seconds after that
 * even when something hangs; a second signal ends it at once. A start that fails, or an error nobody caught, exits with 1.
 */
export async function runProcess(
  start: () => Promise<RunningProcess>,
  { graceMs = GRACE_MS }: { readonly graceMs?: number } = {},
): Promise<void> {
  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${failureText(error)}\n`);
    process.exit(1);
  }
  const { logger } = running;

  process.on('uncaughtException', (error) => {
    logger.failure('process.failed', error);
    process.exit(1);
  });

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130);
    stopping = true;
    logger.event('stopping', { signal });
    const end = async (): Promise<void> => {
      await running.leave?.();
      const late = setTimeout(() => {
        logger.warning('stopped', { drained: false });
        process.exit(0);
      }, graceMs);
      try {
        await running.close();
      } finally {
        clearTimeout(late);
      }
    };
    end().then(
      () => {
        logger.event('stopped', { drained: true });
        process.exit(0);
      },
      (error: unknown) => {
        logger.failure('stop.failed', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
