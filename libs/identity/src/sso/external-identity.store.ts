import type { AccountId, TokenHash } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import type { Session } from '../sessions/session.js';
import type { ProviderId } from './identity-provider.js';

/** Somebody came from a provider; what may be done with them is decided already, all but who they are here. */
export interface Arrival {
  readonly providerId: ProviderId;
  readonly issuer: string;
  readonly subject: string;
  /** Address that the provider may vouch for: an account with it may be linked. Lower case. */
  readonly vouchedEmail?: string;
  /** The account that is made if there is none; absent: none is made. */
  readonly newAccount?: Account;
  /** Name to show from now on, for accounts that came from this provider. */
  readonly displayName?: string;
  /** With the provider's id before them. */
  readonly groups: readonly string[];
  /** The session of the person, whoever that turns out to be. */
  readonly session: Omit<Session, 'accountId'>;
  /** Session that the browser had. */
  readonly replaces?: TokenHash;
  readonly at: Date;
}

export type ArrivalOutcome =
  | {
      readonly outcome: 'signed_in';
      readonly how: 'known' | 'linked' | 'created';
      readonly account: Account;
      /** Of the session: the replaced one's, if it was of the same account. */
      readonly sid: string;
    }
  /** Nothing was changed. */
  | { readonly outcome: 'refused'; readonly reason: ArrivalRefusal; readonly accountId?: AccountId };

export type ArrivalRefusal =
  | 'disabled_provider'
  | 'disabled_account'
  /** There is no account for them, and none is made. */
  | 'account_not_linked'
  /** The account with their address or name is another person's, as far as anybody can tell. */
  | 'account_not_linkable'
  /** The same subject of the same issuer is known by another provider. */
  | 'identity_of_other_provider';

export abstract class ExternalIdentityStore {
  /**
   * Finds, links or makes the account, replaces its groups of this provider, starts the session and writes the events, in one
   * transaction. By (issuer, subject) first. By address only if exactly one account has it verified, which is linked to no
   * other subject of this provider and is no break-glass account. Of parallel arrivals of one person all get one account.
   */
  abstract arrive(arrival: Arrival): Promise<ArrivalOutcome>;
  /** Groups of the account by all providers, in order. */
  abstract groupsOf(accountId: AccountId): Promise<readonly string[]>;
}
