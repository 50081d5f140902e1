import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { Consent } from '../consent/consent.js';
import type { Interaction, SignedInPerson } from './interaction.js';

export abstract class InteractionStore {
  abstract begin(interaction: Interaction): Promise<void>;
  /** Only an interaction of this very browser that is neither completed nor expired. */
  abstract find(id: TokenHash, browser: TokenHash, now: Date): Promise<Interaction | undefined>;
  /** Attaches (or replaces) the person and moves the interaction to a new id, in one conditional statement. False: it was gone. */
  abstract signIn(
    id: TokenHash,
    browser: TokenHash,
    next: { readonly id: TokenHash; readonly person: SignedInPerson },
    now: Date,
  ): Promise<boolean>;
  /**
   * Ends the interaction and stores consent, code and audit event in one transaction. Of parallel calls one returns true.
   * False also when the account or client was disabled meanwhile: nothing is stored then.
   */
  abstract approve(
    id: TokenHash,
    outcome: { readonly consent: Consent; readonly code: AuthorizationCode; readonly audit: AuditEvent },
    now: Date,
  ): Promise<boolean>;
  /** Ends the interaction without a grant, with its audit event. Of parallel calls one returns true. */
  abstract refuse(id: TokenHash, audit: AuditEvent, now: Date): Promise<boolean>;
}
