import type { ClientId } from '@gatehouse/protocol';
import type { ClientUsageStore } from './client-usage.store.js';

/** More clients than this in a day, and some are written twice. */
const MOST_REMEMBERED = 50_000;

/**
 * When clients were first and last given a token, at the cost of one write a client and day: this server remembers whom it
 * has written down today, and the store ignores a second server's word.
 */
export class ClientUsage {
  #day = '';
  readonly #today = new Set<ClientId>();

  constructor(private readonly usage: ClientUsageStore) {}

  /** The tokens are out already: that nobody could write it down must not take them back. The next use tries again. */
  async used(id: ClientId, at: Date): Promise<void> {
    const day = at.toISOString().slice(0, 10);
    if (day !== this.#day || this.#today.size >= MOST_REMEMBERED) this.#today.clear();
    this.#day = day;
    if (this.#today.has(id)) return;
    this.#today.add(id);
    try {
      await this.usage.used(id, at);
    } catch {
      this.#today.delete(id);
    }
  }
}
