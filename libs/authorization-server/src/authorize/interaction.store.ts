import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { Consent } from '../consent/consent.js';
import type { DeviceApproval } from '../device/device-authorization.js';
import type { DeviceRequest, Interaction, SignedInPerson } from './interaction.js';

/** A consent with what it gave: a code for the redirect, or the decision that a device waits for. */
export type Approval = { readonly consent: Consent; readonly audit: AuditEvent } & (
  | {
      readonly code: AuthorizationCode;
      /** Nobody was asked: it rests on this consent, which must still be there and cover the scopes of the code. */
      readonly stored?: true;
    }
  | { readonly device: DeviceApproval }
);

export abstract class InteractionStore {
  abstract begin(interaction: Interaction): Promise<void>;
  /**
   * Uses a pushed request up and begins its interaction, in one statement. Of parallel calls one returns true. False: it
   * was used, is over, or is another client's; nothing is stored then.
   */
  abstract beginPushed(
    interaction: Interaction & { readonly request: { readonly clientId: string } },
    pushed: TokenHash,
    now: Date,
  ): Promise<boolean>;
  /** Only an interaction of this very browser that is neither completed nor expired. */
  abstract find(id: TokenHash, browser: TokenHash, now: Date): Promise<Interaction | undefined>;
  /** Attaches (or replaces) the person and moves the interaction to a new id, in one conditional statement. False: it was gone. */
  abstract signIn(
    id: TokenHash,
    browser: TokenHash,
    next: { readonly id: TokenHash; readonly person: SignedInPerson },
    now: Date,
  ): Promise<boolean>;
  /** Gives an interaction that awaits a user code the request it is about. False: it was gone, or had one. */
  abstract ask(id: TokenHash, browser: TokenHash, request: DeviceRequest, now: Date): Promise<boolean>;
  /**
   * Ends the interaction and stores consent, audit event and code or device decision in one transaction. Of parallel calls
   * one returns true, and of several journeys to one device one. False also when the account or client was disabled
   * meanwhile, the device's code expired, or a stored consent is gone that this rests on: nothing is stored then.
   */
  abstract approve(id: TokenHash, outcome: Approval, now: Date): Promise<boolean>;
  /**
   * Stores a code that rests on a consent given before, with its audit event, without any interaction: if the consent is
   * still there and covers the code's scopes, and account and client are active. False: nothing was stored.
   */
  abstract approveAgain(code: AuthorizationCode, audit: AuditEvent): Promise<boolean>;
  /** Ends the interaction without a grant, with its audit event, and `device` is told. Of parallel calls one returns true. */
  abstract refuse(id: TokenHash, audit: AuditEvent, now: Date, device?: TokenHash): Promise<boolean>;
}
