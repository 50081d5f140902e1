import { type Clock, after } from '@gatehouse/protocol';
import type { JWK } from 'jose';
import type { ClientKeySet } from './client.js';
import type { ClientKeySource } from './client-key-source.js';
import { readPublicKeys } from './public-keys.js';

/** Seconds and counts. */
export const CLIENT_KEY_CACHE = {
  /** A key that a client withdraws is refused after this, at the latest. */
  fresh: 300,
  /** … unless its host does not answer: then the last set counts for so long. */
  stale: 3600,
  /** No host is asked more often, however many assertions name keys that it does not have. */
  pause: 30,
  /** Sets kept at a time; the one not used for longest goes first. */
  sets: 1000,
} as const;

interface Remembered {
  keys: readonly JWK[] | undefined;
  loadedAt: Date | undefined;
  triedAt: Date | undefined;
  loading: Promise<void> | undefined;
}

/**
 * The public keys of clients: those they registered, or those they publish. What is published is fetched once for many
 * assertions, and again when none of the known keys can have made a signature. A replica may lose all of it.
 */
export class ClientKeys {
  readonly #sets = new Map<string, Remembered>();

  constructor(private readonly by: { readonly clock: Clock; readonly source: ClientKeySource }) {}

  /** The keys of `set` that `select` picks; undefined: no key could be had at all. */
  async find(set: ClientKeySet, select: (keys: readonly JWK[]) => readonly JWK[]): Promise<readonly JWK[] | undefined> {
    if ('jwks' in set) return select(set.jwks);
    const remembered = this.#remembered(set.jwksUri);
    const found = this.#known(remembered, CLIENT_KEY_CACHE.fresh);
    if (found && select(found).length > 0) return select(found);
    await this.#reload(set.jwksUri, remembered);
    const known = this.#known(remembered, CLIENT_KEY_CACHE.stale);
    return known && select(known);
  }

  #known({ keys, loadedAt }: Remembered, seconds: number): readonly JWK[] | undefined {
    return loadedAt && this.by.clock.now() < after(loadedAt, seconds) ? keys : undefined;
  }

  async #reload(uri: string, remembered: Remembered): Promise<void> {
    const { triedAt } = remembered;
    const now = this.by.clock.now();
    if (!remembered.loading && triedAt && now < after(triedAt, CLIENT_KEY_CACHE.pause)) return;
    remembered.triedAt = now;
    remembered.loading ??= this.#load(uri, remembered).finally(() => {
      remembered.loading = undefined;
    });
    await remembered.loading;
  }

  async #load(uri: string, remembered: Remembered): Promise<void> {
    const keys = readPublicKeys(await this.by.source.load(uri));
    if (!keys) return;
    remembered.keys = keys;
    remembered.loadedAt = this.by.clock.now();
  }

  #remembered(uri: string): Remembered {
    const known = this.#sets.get(uri) ?? {
      keys: undefined,
      loadedAt: undefined,
      triedAt: undefined,
      loading: undefined,
    };
    this.#sets.delete(uri);
    this.#sets.set(uri, known);
    if (this.#sets.size > CLIENT_KEY_CACHE.sets) {
      const [oldest] = this.#sets.keys();
      if (oldest !== undefined) this.#sets.delete(oldest);
    }
    return known;
  }
}
