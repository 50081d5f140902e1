/** Tells the story: one line a step, and a step is only told when what it claims was seen. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** @throws StepError */
export function must(claim: boolean, otherwise: string): asserts claim {
  if (!claim) throw new StepError(otherwise);
}

export class Narrator {
  #steps = 0;
  readonly #write: (line: string) => void;
  readonly #began = performance.now();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  say(line: string): void {
    this.#write(line);
  }

  /** Runs a step; what it returns is told. */
  async step<T>(title: string, run: () => Promise<{ readonly told: string; readonly value: T }>): Promise<T> {
    this.#steps += 1;
    const label = `${String(this.#steps).padStart(2)}. ${title}`;
    try {
      const { told, value } = await run();
      this.#write(`✓ ${label}: ${told}`);
      return value;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StepError(`✗ ${label}: ${reason}`, { cause });
    }
  }

  end(): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    this.#write(`All ${String(this.#steps)} steps happened, in ${seconds} s.`);
  }
}
