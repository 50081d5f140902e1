/**
 * argon2id on the thread pool, two at a time: a flood of sign-ins must leave the token endpoint its processor.
 * A stored hash whose parameters exceed ours by far is not verified, for it would be a way to exhaust our memory.
 */
import { randomBytes } from 'node:crypto';
import { PasswordHasher } from '@gatehouse/identity';
import { OAuthError } from '@gatehouse/protocol';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { BoundedQueue } from './bounded-queue.js';

export interface Argon2Cost {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** What OWASP's password storage cheat sheet asks for at the least: 19 MiB, two passes, one lane. */
export const DEFAULT_ARGON2_COST: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface HashingQueueLimits {
  readonly concurrency: number;
  readonly waiting: number;
}

/** 64 waiting take about a second on two cores; to make more people wait longer helps nobody. */
export const DEFAULT_HASHING_QUEUE: HashingQueueLimits = { concurrency: 2, waiting: 64 };

// `Algorithm` of the package is a const enum, which cannot be imported under isolated modules.
const ARGON2ID = 2;
const RETRY_AFTER_SECONDS = 1;

/** The three operations of argon2, so that a spec can see which work is done. */
export interface Argon2 {
  hash(password: string, cost: Argon2Cost & { readonly algorithm: number }): Promise<string>;
  verify(stored: string, password: string): Promise<boolean>;
}

export class Argon2PasswordHasher extends PasswordHasher {
  readonly #cost: Argon2Cost;
  readonly #queue: BoundedQueue;
  readonly #argon2: Argon2;
  #nobody: Promise<string> | undefined;

  constructor(
    options: { readonly cost?: Argon2Cost; readonly queue?: HashingQueueLimits; readonly argon2?: Argon2 } = {},
  ) {
    super();
    this.#cost = options.cost ?? DEFAULT_ARGON2_COST;
    this.#queue = new BoundedQueue(options.queue ?? DEFAULT_HASHING_QUEUE);
    this.#argon2 = options.argon2 ?? { hash, verify };
  }

  override async hash(password: string): Promise<string> {
    return this.#inQueue(async () => this.#hash(password));
  }

  override async verify(stored: string | undefined, password: string): Promise<boolean> {
    return this.#inQueue(async () => {
      const usable = stored !== undefined && this.#isAffordable(stored);
      const matches = await this.#argon2.verify(usable ? stored : await this.#nobodysHash(), password);
      return usable && matches;
    });
  }

  override needsRehash(stored: string): boolean {
    const cost = costOf(stored);
    return (
      cost?.algorithm !== ARGON2ID ||
      cost.memoryCost < this.#cost.memoryCost ||
      cost.timeCost < this.#cost.timeCost ||
      cost.parallelism !== this.#cost.parallelism
    );
  }

  /** Made once, of a password nobody knows, with the cost of a real one. Call at the start, or the first guess waits for it. */
  async prepare(): Promise<void> {
    await this.#nobodysHash();
  }

  #nobodysHash(): Promise<string> {
    this.#nobody ??= this.#hash(randomBytes(32).toString('base64url')).catch((error: unknown) => {
      this.#nobody = undefined;
      throw error;
    });
    return this.#nobody;
  }

  #hash(password: string): Promise<string> {
    return this.#argon2.hash(password, { ...this.#cost, algorithm: ARGON2ID });
  }

  #isAffordable(stored: string): boolean {
    const cost = costOf(stored);
    return cost !== undefined && cost.memoryCost * cost.timeCost <= 16 * this.#cost.memoryCost * this.#cost.timeCost;
  }

  async #inQueue<T>(task: () => Promise<T>): Promise<T> {
    const running = this.#queue.run(task);
    if (!running) throw new OAuthError('too_many_requests', 'rate_limited', { retryAfter: RETRY_AFTER_SECONDS });
    return running;
  }
}

function costOf(stored: string): (Argon2Cost & { readonly algorithm: number }) | undefined {
  try {
    return parseOptions(stored);
  } catch {
    return undefined;
  }
}
