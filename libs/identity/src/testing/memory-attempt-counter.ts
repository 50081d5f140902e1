import { after } from '@gatehouse/protocol';
import { AttemptCounter, type AttemptLimit } from '../attempts/attempt-counter.js';

export class MemoryAttemptCounter extends AttemptCounter {
  readonly #windows = new Map<string, { count: number; readonly until: Date }>();

  override async count(key: string, { limit, window }: AttemptLimit, now: Date): Promise<Date | undefined> {
    const known = this.#windows.get(key);
    const current = known && known.until > now ? known : { count: 0, until: after(now, window) };
    current.count += 1;
    this.#windows.set(key, current);
    return current.count > limit ? current.until : undefined;
  }

  override async reset(key: string): Promise<void> {
    this.#windows.delete(key);
  }

  /** What is stored, to show that it names nobody. */
  get keys(): readonly string[] {
    return [...this.#windows.keys()];
  }
}
