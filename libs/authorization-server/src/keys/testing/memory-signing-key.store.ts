import type { AuditEvent } from '@gatehouse/audit';
import type { KeyId } from '@gatehouse/protocol';
import type { SealedSigningKey } from '../signing-key.js';
import { SigningKeyStore } from '../signing-key.store.js';

/** Fake with the promises of the real store: between two awaits nothing else runs, so each verb is atomic. */
export class MemorySigningKeyStore extends SigningKeyStore {
  #keys: readonly SealedSigningKey[] = [];
  readonly events: AuditEvent[] = [];
  /** Set to make every verb fail, as a lost database does. */
  failure: Error | undefined;
  reads = 0;

  override async list(): Promise<readonly SealedSigningKey[]> {
    this.reads += 1;
    await this.#roundTrip();
    return this.#keys;
  }

  override async publish(
    key: SealedSigningKey,
    expectedNewest: KeyId | undefined,
    withdrawOthersAt: Date,
    audit: AuditEvent,
  ): Promise<boolean> {
    await this.#roundTrip();
    if (this.#keys.at(-1)?.id !== expectedNewest) return false;
    const others = this.#keys.map((other) => ({ ...other, withdrawAt: other.withdrawAt ?? withdrawOthersAt }));
    this.#keys = [...others, key];
    this.events.push(audit);
    return true;
  }

  override async withdraw(now: Date): Promise<readonly KeyId[]> {
    await this.#roundTrip();
    const over = this.#keys.filter(({ withdrawAt }) => withdrawAt !== undefined && withdrawAt <= now);
    this.#keys = this.#keys.filter((key) => !over.includes(key));
    for (const { id } of over) this.events.push({ type: 'key.withdrawn', at: now, detail: { keyId: id } });
    return over.map(({ id }) => id);
  }

  async #roundTrip(): Promise<void> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
  }
}
