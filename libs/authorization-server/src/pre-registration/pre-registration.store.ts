import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';

/** What becomes of a client, and the event that says so. */
export interface ClientChange {
  readonly client: Client;
  readonly audit: AuditEvent;
  /** What people agreed to is something else now: stored consents and open journeys end in the same transaction. */
  readonly endsAgreements?: true;
}

/** The clients that an operator registered. Those of other origins are not found here, and not touched. */
export abstract class PreRegistrationStore {
  /** By id. */
  abstract list(): Promise<readonly Client[]>;
  /** Stores a new client with its audit event. False: the id is taken, by a client of whatever origin. */
  abstract create(client: Client, audit: AuditEvent): Promise<boolean>;
  /**
   * Puts what `change` makes of the client in its place, with the event. Nobody else changes the client in between. With
   * undefined for an answer all stays as it is. `change` may run more than once.
   * @returns the client as it is now; undefined: there is none
   */
  abstract change(id: ClientId, change: (client: Client) => ClientChange | undefined): Promise<Client | undefined>;
}
