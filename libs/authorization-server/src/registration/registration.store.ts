import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId, TokenHash } from '@gatehouse/protocol';
import type { Client, ClientSecret } from '../clients/client.js';

/** Seconds that a flow may go on after its interaction has ended: the code waits to be redeemed, clocks differ. */
export const FLOW_TAIL = 3600;

/** A client that is to be stored, and what is known of the registration that made it. */
export interface Admission {
  readonly client: Client;
  /** Hash of the token by which its owner manages it. Absent: nobody does. */
  readonly managementToken?: TokenHash;
  /** Who is behind it, see Quarantine. Absent: nobody in particular. */
  readonly source?: TokenHash;
  /** Registrations with the same fingerprint share one client. Never together with a management token. */
  readonly fingerprint?: TokenHash;
  /** Spent in the same step. Its clients are vouched for, so they are not in quarantine. */
  readonly initialAccessToken?: TokenHash;
}

export interface ManagedClient {
  readonly client: Client;
  readonly managementToken: TokenHash;
}

/** Clients that registered themselves: their birth, their owner's changes, their end, and the quarantine until first use. */
export abstract class RegistrationStore {
  /** The client that all who register the same share, disabled or not; being asked for, it waits from `now` again. */
  abstract findShared(fingerprint: TokenHash, now: Date): Promise<Client | undefined>;
  /**
   * Stores the client with its audit event, or finds the one that has its fingerprint: of parallel calls one stores, and
   * all get the same. One that is found may be disabled. Undefined: the initial access token has no use left, or
   * the shared client was deleted each time that it was looked for.
   */
  abstract admit(admission: Admission, audit: AuditEvent, now: Date): Promise<Client | undefined>;
  /** A client that somebody may manage, disabled or not. */
  abstract findManaged(id: ClientId): Promise<ManagedClient | undefined>;
  /**
   * Puts the client's own words in the place of the old ones, and drops its stored consents if its name, redirect URIs or
   * authentication method changed. What is not its own stays: origin, scopes, standing, and its secrets unless `secrets`
   * replaces them. False: disabled, gone, no longer dynamic, or the token is another by now.
   */
  abstract replace(
    managed: ManagedClient,
    secrets: readonly ClientSecret[] | undefined,
    audit: AuditEvent,
  ): Promise<boolean>;
  /**
   * Deletes the client with its consents and everything by which it is managed. From then on its codes, interactions,
   * authorizations and their tokens are those of an unknown client, and of no use. False: as for `replace`.
   */
  abstract remove(id: ClientId, managementToken: TokenHash, audit: AuditEvent): Promise<boolean>;
  /**
   * Deletes clients that never completed a flow, until `budget` of them are left, which every source shares alike: of a
   * source that has more than its part those go that were registered (or asked for again) longest ago, and nothing of the
   * others. At most `limit` at once. Spares disabled ones and those with a flow in progress at `now`.
   * @returns how many
   */
  abstract trim(budget: number, limit: number, now: Date): Promise<number>;
}
