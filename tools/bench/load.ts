/** A closed loop: so many clients, each of which sends its next request when it has the answer to the last. */
import type { Operation } from './operations.ts';
import type { Worker } from './target.ts';

export interface Load {
  readonly operations: number;
  readonly seconds: number;
  /** Milliseconds of each operation, in order of size. */
  readonly latencies: readonly number[];
}

export async function drive(workers: readonly Worker[], operation: Operation, seconds: number): Promise<Load> {
  const latencies: number[] = [];
  const begun = performance.now();
  const until = begun + seconds * 1000;
  await Promise.all(
    workers.map(async (worker) => {
      for (;;) {
        const sent = performance.now();
        if (sent >= until || !(await operation(worker))) return;
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return {
    operations: latencies.length,
    seconds: (performance.now() - begun) / 1000,
    latencies: latencies.sort((a, b) => a - b),
  };
}
