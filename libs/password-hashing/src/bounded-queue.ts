/**
 * Runs at most `concurrency` tasks at once and lets at most `waiting` more wait. What does not fit is refused at once:
 * a queue without an end would answer everybody too late and hold all they sent in memory.
 */
export class BoundedQueue {
  readonly #concurrency: number;
  readonly #capacity: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly concurrency: number; readonly waiting: number }) {
    this.#concurrency = limits.concurrency;
    this.#capacity = limits.waiting;
  }

  /** @returns undefined when there is no room; the task was not started then */
  run<T>(task: () => Promise<T>): Promise<T> | undefined {
    if (this.#running >= this.#concurrency && this.#waiting.length >= this.#capacity) return undefined;
    return this.#inTurn(task);
  }

  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrency) this.#running += 1;
    // The one who ends hands over its place, so that nobody can slip in between.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
