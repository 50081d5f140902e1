/**
 * How the parties to a grant stand, read with the grant itself.
 *
 * What parallel disabling means. Under READ COMMITTED a conditional UPDATE that had to wait looks again at its own row,
 * but at the rows of other tables as they were when the statement began. Two answers:
 * - Births (a code, an authorization) lock their parties FOR SHARE: whoever disables a party waits for births in flight
 *   and then sees what they stored, and births that come later see it disabled. Without it, "disable the client, then
 *   revoke all it has" could miss one that was being born.
 * - Rotation does not lock them: every refresh would write three more rows, among them the one row of a resource that all
 *   refreshes share. It creates nothing that a revocation could miss, and it cannot profit from waiting: its own row is
 *   held by another rotation, retry or revocation, and after a rotation or revocation has committed its condition fails.
 *   What remains is a rotation that began a moment before the disabling committed. It counts as before it; the tokens it
 *   gave are refused at the next refresh or introspection, and the access token ends by itself.
 * - What a client is granted for itself does not lock them either, for the same reasons: it has no refresh token, is
 *   looked at whenever liveness is, and ends in minutes.
 */
import { type Standing } from '@gatehouse/authorization-server';
import { rulesJoin } from '../access/rules-join.js';

/**
 * Columns for a query whose FROM has `standingJoins` of the same table. A grant without an account is the client's own:
 * no account is missing then, and what may be handed on is what the client is registered for.
 */
export function standingColumns(grant: string): string {
  return `
  ${columnOf('client', 'client_id')}, ${columnOf('resource', 'resource_id')},
  CASE WHEN ${grant}.account_id IS NULL THEN 'absent' ELSE ${wordOf('account', 'account_id')} END AS account_standing,
  account.username, account.display_name, account.email, account.email_verified,
  COALESCE(CASE WHEN ${grant}.account_id IS NULL THEN client.scopes ELSE entitlement.scopes || ruled.scopes END, '{}')
    AS entitled_scopes, ruled.scopes_if_verified AS entitled_if_verified,
  CASE WHEN ${grant}.account_id IS NOT NULL THEN client.scopes END AS client_scopes`;
}

function columnOf(party: string, presence: string): string {
  return `${wordOf(party, presence)} AS ${party}_standing`;
}

function wordOf(party: string, presence: string): string {
  return `CASE WHEN ${party}.${presence} IS NULL THEN 'unknown' WHEN ${party}.disabled_at IS NULL THEN 'active'
    ELSE 'disabled' END`;
}

/** `grant` is the alias of the table that names client, account and resource. */
export function standingJoins(grant: string): string {
  return `
    LEFT JOIN (SELECT id AS client_id, disabled_at, scopes, origin, redirect_uris FROM clients) client ON client.client_id = ${grant}.client_id
    LEFT JOIN (SELECT id AS account_id, disabled_at, username, display_name, email, email_verified FROM accounts) account
           ON account.account_id = ${grant}.account_id
    LEFT JOIN (SELECT identifier AS resource_id, disabled_at, server_id FROM resources) resource
           ON resource.resource_id = ${grant}.resource
    LEFT JOIN entitlements entitlement
           ON entitlement.account_id = ${grant}.account_id AND entitlement.resource = ${grant}.resource
    ${rulesJoin('ruled', {
      account: `${grant}.account_id`,
      client: `${grant}.client_id`,
      origin: 'client.origin',
      resource: `${grant}.resource`,
    })}`;
}

export interface StandingRecord {
  readonly client_standing: Standing['client'];
  readonly account_standing: Standing['account'];
  readonly resource_standing: Standing['resource'];
  readonly entitled_scopes: readonly string[];
  readonly client_scopes: readonly string[] | null;
  readonly entitled_if_verified: readonly string[] | null;
  readonly username: string | null;
  readonly display_name: string | null;
  readonly email: string | null;
  readonly email_verified: boolean | null;
}

export function toStanding(record: StandingRecord): Standing {
  return {
    client: record.client_standing,
    account: record.account_standing,
    resource: record.resource_standing,
    entitledScopes: [...new Set(record.entitled_scopes)],
    ...(record.entitled_if_verified ? { entitledIfVerified: record.entitled_if_verified } : {}),
    ...(record.client_scopes && { clientScopes: record.client_scopes }),
    ...profileOf(record),
  };
}

function profileOf(record: StandingRecord): Pick<Standing, 'profile'> {
  const { username, display_name: displayName, email, email_verified: verified } = record;
  if (username === null || displayName === null) return {};
  return {
    profile: {
      displayName,
      username,
      ...(email === null ? {} : { email: { address: email, verified: verified === true } }),
    },
  };
}
