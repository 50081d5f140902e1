import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';

/** Which clients, and from where on. Absent members do not narrow. */
export interface ClientSelection {
  readonly after?: ClientId;
  readonly limit: number;
  readonly origin?: Client['origin'];
  readonly disabled?: boolean;
  /** How the name begins, in whatever case. */
  readonly namePrefix?: string;
}

/** What an operator does with clients of whatever origin. Declaring those of its own is PreRegistrationStore's. */
export abstract class ClientAdministrationStore {
  /** By id, in the order of its bytes: whoever comes or goes meanwhile moves no other client to another page. */
  abstract page(selection: ClientSelection): Promise<readonly Client[]>;
  /**
   * Disables (or, with undefined, enables) a client that no operator registered, with the event, unless it is so already.
   */
  abstract setDisabled(
    id: ClientId,
    disabledAt: Date | undefined,
    audit: AuditEvent,
  ): Promise<'changed' | 'unchanged' | 'unknown'>;
  /**
   * Ends all authorizations of the client with what was derived from them, deletes its codes, waiting devices and stored
   * consents, and stores the event, all in one step: what is born at the same time is ended too, or has not begun.
   * @returns how many authorizations; undefined: there is no such client, and nothing was stored
   */
  abstract revokeAll(id: ClientId, audit: AuditEvent): Promise<number | undefined>;
  /**
   * As `revokeAll`, and deletes the client with everything by which it is known and all it has begun. A client that gets its id later
   * inherits nothing. False: there is none.
   */
  abstract remove(id: ClientId, audit: AuditEvent): Promise<boolean>;
}
