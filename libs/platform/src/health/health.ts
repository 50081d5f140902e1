export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

interface Check {
  readonly name: string;
  /** Rejects, or does not come back, when the dependency does not answer. */
  readonly run: () => Promise<unknown>;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Is this process ready to serve? Anybody may ask, so an answer is reused for a second: asking often must not become
 * load on the database. It says which check failed, never why.
 */
export class Health {
  readonly #checks: Check[] = [];
  readonly #reuse: number;
  #last: { readonly report: Promise<HealthReport>; readonly at: number } | undefined;
  #stopping = false;

  constructor(options: { readonly reuse?: number } = {}) {
    this.#reuse = options.reuse ?? 1000;
  }

  add(name: string, run: () => Promise<unknown>, options: { readonly timeout?: number } = {}): this {
    this.#checks.push({ name, run, timeout: options.timeout ?? 2000 });
    return this;
  }

  /** From now on not ready: a load balancer shall send no more. */
  stop(): void {
    this.#stopping = true;
  }

  /** The same, and the time for a load balancer to ask and be told. @param seconds how long that may take */
  async leave(seconds: number): Promise<void> {
    this.stop();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  async report(): Promise<HealthReport> {
    if (this.#stopping) return { ready: false, checks: {} };
    const now = performance.now();
    if (!this.#last || now - this.#last.at >= this.#reuse) this.#last = { report: this.#run(), at: now };
    return this.#last.report;
  }

  async #run(): Promise<HealthReport> {
    const results = await Promise.all(
      this.#checks.map(async (check) => [check.name, (await answers(check)) ? 'up' : 'down'] as const),
    );
    return { ready: results.every(([, state]) => state === 'up'), checks: Object.fromEntries(results) };
  }
}

async function answers({ run, timeout }: Check): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => {
    late.resolve(false);
  }, timeout);
  try {
    return await Promise.race([
      run().then(
        () => true,
        () => false,
      ),
      late.promise,
    ]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
