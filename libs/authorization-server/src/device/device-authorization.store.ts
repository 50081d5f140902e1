import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId, SecretHash, TokenHash } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { Standing } from '../authorizations/standing.js';
import type { DeviceAuthorization } from './device-authorization.js';

/** A decision is written by InteractionStore, together with the journey that it ends. */
export abstract class DeviceAuthorizationStore {
  /** False: the user code is in use; nothing was stored. */
  abstract begin(device: DeviceAuthorization, audit: AuditEvent): Promise<boolean>;
  /** The one with one of these user codes, as long as it is undecided and not expired. */
  abstract findUndecided(userCodes: readonly SecretHash[], now: Date): Promise<DeviceAuthorization | undefined>;
  /**
   * A poll of the device, counted in one statement: a poll that comes sooner than `interval` after the one before makes the
   * interval five seconds longer, and is told so. Of parallel polls one at most was in time. `standing` is of client,
   * resource and, once approved, account. Undefined: unknown, or not this client's; nothing is counted then.
   */
  abstract poll(
    code: TokenHash,
    clientId: ClientId,
    now: Date,
  ): Promise<
    { readonly device: DeviceAuthorization; readonly tooSoon: boolean; readonly standing: Standing } | undefined
  >;
  /**
   * Spends an approved device code and stores the authorization it gives birth to with the audit event, in one statement.
   * False: not approved, already spent, expired, or its client, account, or resource is disabled or unknown by now.
   */
  abstract redeem(code: TokenHash, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean>;
}

/** @spec RFC 8628 §3.5 */
export const SLOW_DOWN_BY = 5;
