import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId } from '@gatehouse/protocol';
import type { Factor, Passkey } from './factor.js';

export interface AddedFactor {
  readonly factor: Factor;
  /** Only as long as the account has none: who has shown a password and nothing else may not add to what guards it. */
  readonly onlyAsFirst: boolean;
  /** Step of the code that proved it: spent with that. */
  readonly spentStep?: number;
  /** Keyed hashes; they take the place of those there are. Absent: those stay. */
  readonly recoveryCodes?: readonly string[];
}

/** What guards an account beside its password, and the codes for when that is lost. */
export abstract class FactorStore {
  /** Oldest first. */
  abstract list(accountId: AccountId): Promise<readonly Factor[]>;
  /**
   * With its recovery codes and audit event, in one transaction under the account's lock. False: it is there already (an
   * enrolment is worth one factor), the account has as many as it may, or has one where this was to be the first.
   */
  abstract add(added: AddedFactor, audit: AuditEvent): Promise<boolean>;
  abstract rename(accountId: AccountId, id: string, name: string, audit: AuditEvent): Promise<boolean>;
  /**
   * With the last one its recovery codes go. `keepOne`: not the last one, and of parallel calls one leaves the other.
   * False: nothing was removed.
   */
  abstract remove(accountId: AccountId, id: string, keepOne: boolean, audit: AuditEvent): Promise<boolean>;
  /** All factors, recovery codes and half-finished sign-ins of the account. False: there was no factor. */
  abstract reset(accountId: AccountId, audit: AuditEvent): Promise<boolean>;

  /** In one conditional statement: of parallel calls for one step, or an earlier one, one returns true. @spec RFC 6238 §5.2 */
  abstract useStep(id: string, step: number, now: Date): Promise<boolean>;
  abstract findPasskey(credentialId: string): Promise<Passkey | undefined>;
  /** One conditional statement: only a counter above the stored one, or none at all. @spec WebAuthn Level 3 §7.2 */
  abstract usePasskey(id: string, counter: number, now: Date): Promise<boolean>;

  abstract replaceRecoveryCodes(accountId: AccountId, hashes: readonly string[], audit: AuditEvent): Promise<void>;
  /** Any of `hashes` (one for each key); with its audit event, in one statement. Of parallel calls one returns true. */
  abstract useRecoveryCode(accountId: AccountId, hashes: readonly string[], audit: AuditEvent): Promise<boolean>;
  abstract recoveryCodesLeft(accountId: AccountId): Promise<number>;
}
