import type { AuditEvent } from '@gatehouse/audit';
import type { KeyId } from '@gatehouse/protocol';
import type { SealedSigningKey } from './signing-key.js';

export abstract class SigningKeyStore {
  /** All keys not yet withdrawn, oldest first. */
  abstract list(): Promise<readonly SealedSigningKey[]>;
  /**
   * Publishes `key` if the newest key is still `expectedNewest` (undefined: there is none), and sets `withdrawAt` of all
   * older keys that have none, in one transaction under one lock. False: another worker was first; nothing was changed.
   */
  abstract publish(
    key: SealedSigningKey,
    expectedNewest: KeyId | undefined,
    withdrawOthersAt: Date,
    audit: AuditEvent,
  ): Promise<boolean>;
  /** Deletes keys whose withdrawAt has passed, each with an audit event of type key.withdrawn. Returns their ids. */
  abstract withdraw(now: Date): Promise<readonly KeyId[]>;
}
