/**
 * The keys as one replica of the authorization server sees them: which signs, which are published, which checks a token.
 * Reads are cached for seconds and shared by all requests; a lost store is survived on what was read last.
 *
 * How long may the last set go on signing? A successor this replica has not seen was published after `loadedAt`, so it
 * signs from `loadedAt + publishLead` at the earliest, and the old key stays published for a token's lifetime and the
 * slack after that. Until `loadedAt + MINIMUM_PUBLISH_LEAD` every token made here can therefore be checked until it
 * expires; later it might not, and then it is better not to be made.
 */
import type { KeyObject } from 'node:crypto';
import { type Clock, type KeyId, OAuthError } from '@gatehouse/protocol';
import type { JWK } from 'jose';
import { isPublished, signingKeyAt } from './key-lifecycle.js';
import { KEY_TIMING, MINIMUM_PUBLISH_LEAD } from './key-policy.js';
import type { KeyVault } from './key-vault.js';
import { type KeyPair, openSigningKey } from './signing-key-material.js';
import type { SealedSigningKey } from './signing-key.js';
import type { SigningKeyStore } from './signing-key.store.js';

export interface CurrentSigningKey {
  readonly id: KeyId;
  readonly algorithm: 'ES256';
  readonly privateKey: KeyObject;
}

/** For the log: the ring goes on without what failed. */
export type KeyRingProblem =
  | { readonly kind: 'keys_not_read'; readonly cause: unknown }
  | { readonly kind: 'key_not_opened'; readonly keyId: KeyId; readonly cause: unknown };

export interface KeyRingDependencies {
  readonly store: SigningKeyStore;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly report?: (problem: KeyRingProblem) => void;
}

type OpenKey = SealedSigningKey & KeyPair;

interface KeySet {
  /** Before the read began, so that nothing published later can be missing from a set that claims to be younger. */
  readonly loadedAt: Date;
  readonly keys: readonly OpenKey[];
}

export class KeyRing {
  readonly #dependencies: KeyRingDependencies;
  #set: KeySet | undefined;
  #attemptedAt: Date | undefined;
  #failure: unknown;
  #loading: Promise<KeySet> | undefined;

  constructor(dependencies: KeyRingDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws OAuthError temporarily_unavailable (keys_unavailable) when no key may sign now */
  async signingKey(): Promise<CurrentSigningKey> {
    const key = this.#signer(await this.#current()) ?? this.#signer(await this.#again(KEY_TIMING.retryAfter));
    if (!key) throw this.#unavailable();
    return { id: key.id, algorithm: key.algorithm, privateKey: key.privateKey };
  }

  /**
   * All keys a token may be signed with now or soon. Never empty: an empty set would be cached by verifiers.
   * @throws OAuthError temporarily_unavailable (keys_unavailable)
   */
  async publishedJwks(): Promise<{ keys: JWK[] }> {
    let published = this.#published(await this.#current());
    if (published.length === 0) published = this.#published(await this.#again(KEY_TIMING.retryAfter));
    if (published.length === 0) throw this.#unavailable();
    return { keys: published.map(({ publicJwk }) => ({ ...publicJwk })) };
  }

  /**
   * The key that checks tokens with this `kid`; undefined: there is none, or no longer.
   * @throws OAuthError temporarily_unavailable (keys_unavailable) when nothing is known of any key
   */
  async verificationKey(kid: string): Promise<KeyObject | undefined> {
    const find = (set: KeySet): OpenKey | undefined => this.#published(set).find(({ id }) => id === kid);
    const key = find(await this.#current()) ?? find(await this.#again(KEY_TIMING.unknownKeyReload));
    return key?.publicKey;
  }

  #signer(set: KeySet): OpenKey | undefined {
    const { clock } = this.#dependencies;
    const now = clock.now();
    return secondsBetween(set.loadedAt, now) <= MINIMUM_PUBLISH_LEAD ? signingKeyAt(set.keys, now) : undefined;
  }

  #published(set: KeySet): readonly OpenKey[] {
    const now = this.#dependencies.clock.now();
    return set.keys.filter((key) => isPublished(key, now));
  }

  /** The set by its age: as it is; as it is while a new one is read; a new one; or, if that fails, the last good one. */
  async #current(): Promise<KeySet> {
    if (!this.#set) return this.#load();
    const age = secondsBetween(this.#set.loadedAt, this.#dependencies.clock.now());
    if (age >= 0 && age < KEY_TIMING.refreshAfter) return this.#set;
    const fresh = this.#load().catch(() => this.#set);
    return age >= 0 && age < KEY_TIMING.replicaCache ? this.#set : ((await fresh) ?? this.#set);
  }

  /** A new read because the set lacked something, unless the last attempt is younger than `gap` seconds. */
  async #again(gap: number): Promise<KeySet> {
    const attempted = this.#attemptedAt && secondsBetween(this.#attemptedAt, this.#dependencies.clock.now());
    if (this.#set && !this.#loading && attempted !== undefined && attempted >= 0 && attempted < gap) return this.#set;
    try {
      return await this.#load();
    } catch (error) {
      if (this.#set) return this.#set;
      throw error;
    }
  }

  /** One read at a time, whoever asks; after a failure none for a moment. */
  #load(): Promise<KeySet> {
    if (this.#loading) return this.#loading;
    const now = this.#dependencies.clock.now();
    if (this.#failure !== undefined && this.#attemptedAt) {
      const since = secondsBetween(this.#attemptedAt, now);
      if (since >= 0 && since < KEY_TIMING.retryAfter) return Promise.reject(this.#unavailable());
    }
    this.#attemptedAt = now;
    this.#loading = this.#read(now).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(loadedAt: Date): Promise<KeySet> {
    try {
      const listed = await this.#dependencies.store.list();
      const opened = await Promise.all(listed.map((key) => this.#open(key)));
      this.#set = { loadedAt, keys: opened.filter((key) => key !== undefined) };
      this.#failure = undefined;
      return this.#set;
    } catch (cause) {
      this.#failure = cause;
      this.#dependencies.report?.({ kind: 'keys_not_read', cause });
      throw this.#unavailable();
    }
  }

  async #open(key: SealedSigningKey): Promise<OpenKey | undefined> {
    const known = this.#set?.keys.find(({ sealedPrivateKey }) => sealedPrivateKey === key.sealedPrivateKey);
    try {
      const { privateKey, publicKey, publicJwk } =
        known?.id === key.id ? known : await openSigningKey(this.#dependencies.vault, key);
      return { ...key, privateKey, publicKey, publicJwk };
    } catch (cause) {
      this.#dependencies.report?.({ kind: 'key_not_opened', keyId: key.id, cause });
      return undefined;
    }
  }

  #unavailable(): OAuthError {
    return new OAuthError('temporarily_unavailable', 'keys_unavailable', {
      cause: this.#failure,
      retryAfter: KEY_TIMING.retryAfter,
    });
  }
}

function secondsBetween(earlier: Date, later: Date): number {
  return (later.getTime() - earlier.getTime()) / 1000;
}
