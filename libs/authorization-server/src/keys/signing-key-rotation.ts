/**
 * What the worker does to signing keys. Any number of workers may run it, at any time, and die at any line: each verb of
 * the store is one transaction, and what is due is read from the store anew every time.
 */
import type { Clock, KeyId } from '@gatehouse/protocol';
import { type RotationRequest, type Succession, successionDue } from './key-lifecycle.js';
import type { KeyPolicy } from './key-policy.js';
import type { KeyVault } from './key-vault.js';
import { newSigningKey, openSigningKey } from './signing-key-material.js';
import type { SealedSigningKey } from './signing-key.js';
import type { SigningKeyStore } from './signing-key.store.js';

export interface SigningKeyRotationDependencies {
  readonly store: SigningKeyStore;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly policy: KeyPolicy;
}

export interface RotationResult {
  readonly published?: KeyId;
  readonly withdrawn: readonly KeyId[];
}

export class SigningKeyRotation {
  readonly #dependencies: SigningKeyRotationDependencies;

  constructor(dependencies: SigningKeyRotationDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Withdraws what has outlived its last token, then publishes the successor if it is due.
   * @throws Error when the newest key does not open here: then this process has other key-encryption keys than the
   * servers, and a key it published would stop them all on the day it begins to sign
   */
  async run(request: RotationRequest = {}): Promise<RotationResult> {
    const { store, clock, policy } = this.#dependencies;
    const now = clock.now();
    const withdrawn = await store.withdraw(now);
    const keys = await store.list();
    await this.#proveVault(keys);
    const due = successionDue(keys, now, policy, request);
    const published = due && (await this.#publish(due, now));
    return published === undefined ? { withdrawn } : { published, withdrawn };
  }

  /**
   * For the first start: there is no token yet that a verifier could refuse, so the first key signs at once.
   * @throws Error as run() does
   */
  async ensureKey(): Promise<void> {
    const { store, clock, policy } = this.#dependencies;
    const keys = await store.list();
    await this.#proveVault(keys);
    const now = clock.now();
    const due = keys.length === 0 ? successionDue(keys, now, policy) : undefined;
    if (due) await this.#publish(due, now);
  }

  async #proveVault(keys: readonly SealedSigningKey[]): Promise<void> {
    const newest = keys.at(-1);
    if (newest) await openSigningKey(this.#dependencies.vault, newest);
  }

  /** Undefined: another worker published first; its key is as good. */
  async #publish(due: Succession, now: Date): Promise<KeyId | undefined> {
    const { store, vault } = this.#dependencies;
    const key = await newSigningKey(vault, { publishedAt: now, activatesAt: due.activatesAt });
    const published = await store.publish(key, due.expectedNewest, due.withdrawOthersAt, {
      type: 'key.published',
      at: now,
      detail: { keyId: key.id, activatesAt: due.activatesAt.toISOString() },
    });
    return published ? key.id : undefined;
  }
}
