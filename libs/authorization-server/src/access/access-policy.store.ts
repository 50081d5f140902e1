import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ResourceIdentifier } from '@gatehouse/protocol';
import type { AccessRule } from './access-rule.js';

/** A person as the policy sees them. */
export interface PolicyPerson {
  readonly id: AccountId;
  readonly username: string;
  readonly disabled: boolean;
  /** Those that count now: not the ones of a provider that is disabled. */
  readonly groups: readonly string[];
  /** What was granted to them by name, besides all rules. */
  readonly entitlements: readonly { readonly resource: ResourceIdentifier; readonly scopes: readonly string[] }[];
}

/** Whom a rule may be about; an absent restriction is none. */
export type PolicyPeople = Pick<AccessRule, 'groups' | 'accounts'>;

export interface PolicyReplacement {
  readonly rules: readonly AccessRule[];
  /** One event for each rule that changes. Without any, nothing is written. */
  readonly audit: readonly AuditEvent[];
}

/** The rules, and what an operator must know to change them. What they give is read with each grant, see Standing. */
export abstract class AccessPolicyStore {
  /** In the order of their ids. */
  abstract list(): Promise<readonly AccessRule[]>;
  /**
   * Replaces the policy as a whole, with its events, in one transaction. Of changes at once each is shown what the one
   * before it has left.
   */
  abstract replace(change: (current: readonly AccessRule[]) => PolicyReplacement): Promise<void>;
  /** Everybody whom one of these is about, in the order of their names; disabled accounts too. */
  abstract people(about: readonly PolicyPeople[]): Promise<readonly PolicyPerson[]>;
  /** Those of these names that there are; names in the form that accounts have them. */
  abstract named(usernames: readonly string[]): Promise<readonly PolicyPerson[]>;
  /** Names of all groups that somebody is in, in order. */
  abstract groups(): Promise<readonly string[]>;
  /** Puts a person into a local group. False: they are in it already, and no event was stored. */
  abstract join(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean>;
  /** False: they were not in it. */
  abstract leave(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean>;
}
