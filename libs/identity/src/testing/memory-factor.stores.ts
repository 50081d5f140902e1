import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import type { AccountStore } from '../accounts/account.store.js';
import { type Factor, MOST_FACTORS, type Passkey } from '../factors/factor.js';
import { type AddedFactor, FactorStore } from '../factors/factor.store.js';
import { type PendingSignIn, PendingSignInStore, type Place } from '../factors/pending-sign-in.store.js';

export class MemoryPendingSignInStore extends PendingSignInStore {
  readonly #pending = new Map<string, PendingSignIn>();

  constructor(private readonly accounts: AccountStore) {
    super();
  }

  override async begin(pending: PendingSignIn): Promise<void> {
    this.#pending.set(keyOf(pending), pending);
  }

  override async find(at: Place, now: Date): Promise<PendingSignIn | undefined> {
    const pending = this.#pending.get(keyOf(at));
    if (!pending || pending.expiresAt <= now) return undefined;
    if (pending.accountId === undefined) return pending;
    const account = await this.accounts.find(pending.accountId);
    return account && !account.disabledAt ? pending : undefined;
  }

  override async take(pending: PendingSignIn, now: Date): Promise<boolean> {
    const found = this.#pending.get(keyOf(pending));
    if (found?.challenge !== pending.challenge || found.expiresAt <= now) return false;
    return this.#pending.delete(keyOf(pending));
  }

  forget(accountId: AccountId): void {
    for (const [key, pending] of this.#pending) if (pending.accountId === accountId) this.#pending.delete(key);
  }
}

export class MemoryFactorStore extends FactorStore {
  readonly audit: AuditEvent[] = [];
  readonly #factors = new Map<string, Factor & { step?: number }>();
  readonly #codes = new Map<AccountId, Set<string>>();

  constructor(private readonly pending?: MemoryPendingSignInStore) {
    super();
  }

  override async list(accountId: AccountId): Promise<readonly Factor[]> {
    return [...this.#factors.values()]
      .filter((factor) => factor.accountId === accountId)
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map(({ step: _, ...rest }) => rest);
  }

  override async add(added: AddedFactor, audit: AuditEvent): Promise<boolean> {
    const { factor, onlyAsFirst, spentStep, recoveryCodes } = added;
    const others = this.#of(factor.accountId);
    const taken = [...this.#factors.values()].some(
      (other) =>
        other.id === factor.id ||
        (other.kind === 'passkey' && factor.kind === 'passkey' && other.credentialId === factor.credentialId),
    );
    if (taken || others.length >= MOST_FACTORS || (onlyAsFirst && others.length > 0)) return false;
    this.#factors.set(factor.id, { ...factor, ...(spentStep === undefined ? {} : { step: spentStep }) });
    if (recoveryCodes) this.#codes.set(factor.accountId, new Set(recoveryCodes));
    this.audit.push(audit);
    return true;
  }

  override async rename(accountId: AccountId, id: string, name: string, audit: AuditEvent): Promise<boolean> {
    const factor = this.#factors.get(id);
    if (factor?.accountId !== accountId) return false;
    this.#factors.set(id, { ...factor, name });
    this.audit.push(audit);
    return true;
  }

  override async remove(accountId: AccountId, id: string, keepOne: boolean, audit: AuditEvent): Promise<boolean> {
    const isLast = this.#of(accountId).length === 1;
    if (this.#factors.get(id)?.accountId !== accountId || (keepOne && isLast)) return false;
    this.#factors.delete(id);
    if (isLast) this.#codes.delete(accountId);
    this.audit.push(audit);
    return true;
  }

  override async reset(accountId: AccountId, audit: AuditEvent): Promise<boolean> {
    const factors = this.#of(accountId);
    for (const { id } of factors) this.#factors.delete(id);
    this.#codes.delete(accountId);
    this.pending?.forget(accountId);
    if (factors.length > 0) this.audit.push(audit);
    return factors.length > 0;
  }

  override async useStep(id: string, step: number, now: Date): Promise<boolean> {
    const factor = this.#factors.get(id);
    if (factor?.kind !== 'totp' || (factor.step ?? -1) >= step) return false;
    this.#factors.set(id, { ...factor, step, lastUsedAt: now });
    return true;
  }

  override async findPasskey(credentialId: string): Promise<Passkey | undefined> {
    const found = [...this.#factors.values()].find(
      (factor) => factor.kind === 'passkey' && factor.credentialId === credentialId,
    );
    return found?.kind === 'passkey' ? found : undefined;
  }

  override async usePasskey(id: string, counter: number, now: Date): Promise<boolean> {
    const factor = this.#factors.get(id);
    if (factor?.kind !== 'passkey' || !(counter > factor.counter || (counter === 0 && factor.counter === 0)))
      return false;
    this.#factors.set(id, { ...factor, counter, lastUsedAt: now });
    return true;
  }

  override async replaceRecoveryCodes(
    accountId: AccountId,
    hashes: readonly string[],
    audit: AuditEvent,
  ): Promise<void> {
    this.#codes.set(accountId, new Set(hashes));
    this.audit.push(audit);
  }

  override async useRecoveryCode(accountId: AccountId, hashes: readonly string[], audit: AuditEvent): Promise<boolean> {
    const codes = this.#codes.get(accountId);
    const hash = hashes.find((each) => codes?.has(each));
    if (!codes || hash === undefined) return false;
    codes.delete(hash);
    this.audit.push(audit);
    return true;
  }

  override async recoveryCodesLeft(accountId: AccountId): Promise<number> {
    return this.#codes.get(accountId)?.size ?? 0;
  }

  #of(accountId: AccountId): readonly Factor[] {
    return [...this.#factors.values()].filter((factor) => factor.accountId === accountId);
  }
}

function keyOf({ place, browser }: Place): string {
  return `${place}.${browser}`;
}
