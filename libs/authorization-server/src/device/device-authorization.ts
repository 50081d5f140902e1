import type {
  AccountId,
  AuthorizationId,
  ClientId,
  RefusalReason,
  ResourceIdentifier,
  SecretHash,
  TokenHash,
} from '@gatehouse/protocol';
import type { SessionContext } from '../authorizations/session-context.js';

/** A device's wish, until a person has decided about it and the device has heard. */
export interface DeviceAuthorization {
  /** Hash of the device code, by which the device asks again. */
  readonly code: TokenHash;
  /** Keyed hash of the user code; see user-code.ts. */
  readonly userCode: SecretHash;
  readonly clientId: ClientId;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** Network it asked from, shown to whoever types the code. */
  readonly network: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Seconds that the device has to wait between two polls; grows when it does not. */
  readonly interval: number;
  readonly decision?: DeviceDecision;
  /** Set once, when the device got its tokens. */
  readonly redeemed?: { readonly at: Date; readonly authorizationId: AuthorizationId };
}

export type DeviceDecision =
  | {
      readonly approved: true;
      readonly accountId: AccountId;
      readonly authenticatedAt: Date;
      readonly session?: SessionContext;
      readonly scopes: readonly string[];
    }
  | { readonly approved: false; readonly reason: RefusalReason };

/** What InteractionStore.approve writes down for the device. */
export interface DeviceApproval {
  readonly code: TokenHash;
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  readonly session?: SessionContext;
  readonly scopes: readonly string[];
}
