import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';

/** Which clients a rule trusts: whoever may come at all, those that the operator's lists name, or those the operator made. */
export const CLIENT_TRUSTS = ['any', 'verified', 'pre-registered'] as const;
export type RuleTrust = (typeof CLIENT_TRUSTS)[number];

/**
 * Who may hand on which scopes of one resource. Rules only give: what none of them gives, and no entitlement, nobody has.
 * Each restriction that a rule has must be met, and names are compared as they are, character by character: no patterns,
 * no case folding. Whatever a name of a group or a client looks like, it means itself.
 * @see docs/decisions/0024-access-policy.md
 */
export interface AccessRule {
  /** Name that the operator gave it. */
  readonly id: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** People in one of these, each with its provider before it (`okta/finance`); undefined: whatever groups they are in. */
  readonly groups?: readonly string[];
  /** One of these people; undefined: anybody. Ids, because a name that becomes free could be taken by somebody else. */
  readonly accounts?: readonly AccountId[];
  /** Through one of these clients; undefined: any. */
  readonly clients?: readonly ClientId[];
  readonly clientTrust: RuleTrust;
}

/** Groups that no identity provider brings: an operator says who is in them. */
export const LOCAL_GROUPS = 'local';

/** As a local group may be called: what a person can type, and see the difference between. */
const LOCAL_GROUP = /^local\/[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;

export function isLocalGroup(name: string): boolean {
  return LOCAL_GROUP.test(name);
}

/** A provider, a slash, and a name in its words. */
export function isGroupName(name: string): boolean {
  return name.isWellFormed() && name.length <= 300 && /^[a-z0-9-]+\/[^\p{Cc}]+$/u.test(name);
}
