import { after, type Clock, OAuthError } from '@gatehouse/protocol';
import { IssuerKeys, type KeySetSource, type VerificationKey } from './issuer-keys.js';
import { parseKeySet } from './key-set.js';

export interface KeySetPolicy {
  /** Age at which the set is read again. Bounds how long a withdrawn key is still trusted. */
  readonly freshSeconds: number;
  /** Age up to which the set is used while the issuer does not answer. */
  readonly staleSeconds: number;
  /** Least time between two attempts, so that tokens with invented key ids cannot make us flood the issuer. */
  readonly cooldownSeconds: number;
}

/** A new key is published long before it signs, so a set that is a minute old knows every key in use. */
export const KEY_SET_POLICY: KeySetPolicy = { freshSeconds: 60, staleSeconds: 600, cooldownSeconds: 5 };

interface KeySet {
  readonly keys: ReadonlyMap<string, VerificationKey>;
  readonly at: Date;
}

/** One request to the issuer at a time, shared by all who wait; a set that grows old is renewed behind the requests. */
export class CachedIssuerKeys extends IssuerKeys {
  #set: KeySet | undefined;
  #loading: Promise<KeySet> | undefined;
  #attemptedAt: Date | undefined;
  #failed = false;

  constructor(
    private readonly source: KeySetSource,
    private readonly clock: Clock,
    private readonly policy: KeySetPolicy = KEY_SET_POLICY,
  ) {
    super();
  }

  override async find(id: string): Promise<VerificationKey | undefined> {
    const set = await this.#usable();
    const known = set.keys.get(id);
    if (known !== undefined) return known;
    // An id we do not know: a key newer than our copy, or an invention. One look decides, and not more often than that.
    if (this.#mayAttempt()) return (await this.#load()).keys.get(id);
    if (this.#loading) return (await this.#loading).keys.get(id);
    // The last look failed, so "no such key" is not ours to say.
    if (this.#failed) throw this.#unavailable();
    return undefined;
  }

  override async ready(): Promise<void> {
    await this.#usable();
  }

  async #usable(): Promise<KeySet> {
    const set = this.#set;
    if (!set || this.#older(set.at, this.policy.staleSeconds)) {
      if (this.#loading) return this.#loading;
      if (!this.#mayAttempt()) throw this.#unavailable();
      return this.#load();
    }
    if (this.#older(set.at, this.policy.freshSeconds) && this.#mayAttempt()) this.#load().catch(() => undefined);
    return set;
  }

  #load(): Promise<KeySet> {
    this.#loading ??= this.#fetch().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #fetch(): Promise<KeySet> {
    this.#attemptedAt = this.clock.now();
    try {
      const keys = parseKeySet(await this.source.fetch());
      this.#failed = false;
      this.#set = { keys, at: this.clock.now() };
      return this.#set;
    } catch (cause) {
      this.#failed = true;
      throw this.#unavailable(cause);
    }
  }

  #mayAttempt(): boolean {
    return !this.#loading && (!this.#attemptedAt || this.#older(this.#attemptedAt, this.policy.cooldownSeconds));
  }

  /** An instant that is still to come is of a clock that was set back since, and says nothing. */
  #older(at: Date, seconds: number): boolean {
    const now = this.clock.now();
    return after(at, seconds) <= now || at > now;
  }

  #unavailable(cause?: unknown): OAuthError {
    return new OAuthError('temporarily_unavailable', 'keys_unavailable', {
      cause,
      retryAfter: this.policy.cooldownSeconds,
    });
  }
}
