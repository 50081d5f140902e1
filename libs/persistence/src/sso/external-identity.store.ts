/**
 * An arrival is one transaction. What settles its races: a lock on the person as the provider names them, so that of
 * parallel first arrivals one makes the account; the unique username and the unique (provider, account), so that two
 * persons never get one account; the provider's and the account's rows, locked against being disabled meanwhile.
 */
import { type AuditEvent } from '@gatehouse/audit';
import { type Account, type Arrival, type ArrivalOutcome, ExternalIdentityStore } from '@gatehouse/identity';
import { type AccountId } from '@gatehouse/protocol';
import { type EntityManager } from 'typeorm';
import {
  ACCOUNT_COLUMNS,
  type AccountRecord,
  CREATE_ACCOUNT,
  createAccountValues,
  toAccount,
} from '../accounts/account.store.js';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';
import { START_SESSION, startSessionValues } from '../sessions/session.store.js';

const LOCK_PERSON = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`;
const PROVIDER = `SELECT true FROM identity_providers WHERE id = $1 AND disabled_at IS NULL FOR SHARE`;
const KNOWN = `
  SELECT account_id, provider_id, made_account FROM external_identities WHERE issuer = $1 AND subject = $2`;
const ACCOUNT = `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE id = $1 FOR SHARE`;
const BY_EMAIL = `
  SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE lower(email) = $1 AND email_verified LIMIT 2 FOR SHARE`;
const LINK = `
  WITH linked AS (
    INSERT INTO external_identities (issuer, subject, provider_id, account_id, made_account, linked_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING RETURNING true
  ), recorded AS (${insertAuditEvent('linked', 7)})
  SELECT true FROM linked`;
const RENAME = `UPDATE accounts SET display_name = $2 WHERE id = $1 AND display_name <> $2`;
const LEAVE_GROUPS = `DELETE FROM account_groups WHERE account_id = $1 AND provider_id = $2 AND name <> ALL ($3::text[])`;
const JOIN_GROUPS = `
  INSERT INTO account_groups (account_id, provider_id, name) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING`;
const GROUPS = `SELECT name FROM account_groups WHERE account_id = $1 ORDER BY name COLLATE "C"`;

/** Whose account it is; how it came to be known. */
type Found =
  | { readonly account: Account; readonly how: 'known' | 'linked' | 'created'; readonly mayRename: boolean }
  | Extract<ArrivalOutcome, { outcome: 'refused' }>;

export class PgExternalIdentityStore extends ExternalIdentityStore {
  constructor(private readonly database: Database) {
    super();
  }

  override arrive(arrival: Arrival): Promise<ArrivalOutcome> {
    return this.database.transaction(async (manager) => {
      const found = await find(manager, arrival);
      if ('outcome' in found) return found;
      const { account, how, mayRename } = found;
      const { providerId, displayName, groups } = arrival;
      if (mayRename && displayName !== undefined) await manager.query(RENAME, [account.id, displayName]);
      await manager.query(LEAVE_GROUPS, [account.id, providerId, groups]);
      if (groups.length > 0) await manager.query(JOIN_GROUPS, [account.id, providerId, groups]);
      const audit = eventOf('sign_in.succeeded', arrival, account.id, { how });
      const values = startSessionValues(
        { ...arrival.session, accountId: account.id },
        arrival.replaces,
        audit,
        arrival.at,
      );
      const [started] = await manager.query<{ readonly sid: string }[]>(START_SESSION, [...values]);
      const shown = mayRename && displayName !== undefined ? { ...account, displayName } : account;
      return { outcome: 'signed_in', how, account: shown, sid: started?.sid ?? arrival.session.sid };
    });
  }

  override async groupsOf(accountId: AccountId): Promise<readonly string[]> {
    return (await this.database.query<{ readonly name: string }>(GROUPS, [accountId])).map(({ name }) => name);
  }
}

async function find(manager: EntityManager, arrival: Arrival): Promise<Found> {
  const { issuer, subject, providerId, vouchedEmail, newAccount } = arrival;
  await manager.query(LOCK_PERSON, [JSON.stringify([issuer, subject])]);
  if ((await manager.query<unknown[]>(PROVIDER, [providerId])).length === 0) return refused('disabled_provider');
  const [known] = await manager.query<
    { readonly account_id: AccountId; readonly provider_id: string; readonly made_account: boolean }[]
  >(KNOWN, [issuer, subject]);
  if (known) {
    const account = await accountOf(manager, known.account_id);
    if (!account || known.provider_id !== providerId) return refused('identity_of_other_provider', account);
    if (account.disabledAt) return refused('disabled_account', account);
    return { account, how: 'known', mayRename: known.made_account };
  }
  if (vouchedEmail !== undefined) {
    const [candidate, other] = await manager.query<AccountRecord[]>(BY_EMAIL, [vouchedEmail]);
    if (candidate) return link(manager, arrival, toAccount(candidate), other === undefined);
  }
  if (!newAccount) return refused('account_not_linked');
  return create(manager, arrival, newAccount);
}

async function link(manager: EntityManager, arrival: Arrival, account: Account, alone: boolean): Promise<Found> {
  if (!alone) return refused('account_not_linkable');
  if (account.disabledAt) return refused('disabled_account', account);
  if (account.breakGlass) return refused('account_not_linkable', account);
  const event = eventOf('account.linked', arrival, account.id);
  if (!(await insertLink(manager, arrival, account.id, false, event))) return refused('account_not_linkable', account);
  return { account, how: 'linked', mayRename: false };
}

async function create(manager: EntityManager, arrival: Arrival, account: Account): Promise<Found> {
  const created = eventOf('account.created', arrival, account.id);
  const made = await manager.query<unknown[]>(CREATE_ACCOUNT, [...createAccountValues(account, created)]);
  if (made.length === 0) return refused('account_not_linkable');
  await insertLink(manager, arrival, account.id, true, eventOf('account.linked', arrival, account.id));
  return { account, how: 'created', mayRename: false };
}

async function insertLink(
  manager: EntityManager,
  { issuer, subject, providerId, at }: Arrival,
  accountId: AccountId,
  madeAccount: boolean,
  audit: AuditEvent,
): Promise<boolean> {
  const values = [issuer, subject, providerId, accountId, madeAccount, at, ...auditValues(audit)];
  return (await manager.query<unknown[]>(LINK, values)).length > 0;
}

async function accountOf(manager: EntityManager, id: AccountId): Promise<Account | undefined> {
  const [record] = await manager.query<AccountRecord[]>(ACCOUNT, [id]);
  return record && toAccount(record);
}

function refused(
  reason: Extract<ArrivalOutcome, { outcome: 'refused' }>['reason'],
  account?: Account,
): Extract<ArrivalOutcome, { outcome: 'refused' }> {
  return { outcome: 'refused', reason, ...(account ? { accountId: account.id } : {}) };
}

function eventOf(
  type: AuditEvent['type'],
  { at, providerId }: Arrival,
  accountId: AccountId,
  more: Readonly<Record<string, string>> = {},
): AuditEvent {
  return { type, at, accountId, detail: { provider: providerId, ...more } };
}
