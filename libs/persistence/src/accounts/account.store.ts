import { type AuditEvent } from '@gatehouse/audit';
import { type Account, AccountStore, type Email } from '@gatehouse/identity';
import { type AccountId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';

export const ACCOUNT_COLUMNS =
  'id, username, display_name, password_hash, created_at, disabled_at, email, email_verified, break_glass';
const FIND = `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE id = $1`;
const FIND_BY_USERNAME = `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE username = $1`;

/** The unique constraint decides between two sign-ups for one name; a statement that waited for the other finds it taken. */
export const CREATE_ACCOUNT = `
  WITH created AS (
    INSERT INTO accounts (${ACCOUNT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (username) DO NOTHING
    RETURNING true
  ), recorded AS (${insertAuditEvent('created', 10)})
  SELECT true FROM created`;

const SET_PASSWORD = `
  WITH changed AS (
    UPDATE accounts SET password_hash = $2 WHERE id = $1 AND ($3::text IS NULL OR password_hash = $3) RETURNING true
  )
  SELECT true FROM changed`;

const SET_EMAIL = `
  WITH changed AS (
    UPDATE accounts SET email = $2, email_verified = $3
     WHERE id = $1 AND (email, email_verified) IS DISTINCT FROM ($2::text, $3::boolean)
    RETURNING true
  ), recorded AS (${insertAuditEvent('changed', 4)})
  SELECT true FROM changed`;

/** An account that an identity provider may speak for is none. */
const SET_BREAK_GLASS = `
  WITH changed AS (
    UPDATE accounts SET break_glass = $2
     WHERE id = $1 AND break_glass <> $2
       AND (NOT $2 OR NOT EXISTS (SELECT FROM external_identities WHERE account_id = $1))
    RETURNING true
  ), recorded AS (${insertAuditEvent('changed', 3)})
  SELECT true FROM changed`;

export interface AccountRecord {
  readonly id: AccountId;
  readonly username: string;
  readonly display_name: string;
  readonly password_hash: string | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly break_glass: boolean;
}

export class PgAccountStore extends AccountStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async findByUsername(username: string): Promise<Account | undefined> {
    const [record] = await this.database.query<AccountRecord>(FIND_BY_USERNAME, [username]);
    return record && toAccount(record);
  }

  override async find(id: AccountId): Promise<Account | undefined> {
    const [record] = await this.database.query<AccountRecord>(FIND, [id]);
    return record && toAccount(record);
  }

  override async create(account: Account, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(CREATE_ACCOUNT, createAccountValues(account, audit));
  }

  override async setPassword(id: AccountId, passwordHash: string, instead?: string): Promise<boolean> {
    return this.database.succeeds(SET_PASSWORD, [id, passwordHash, instead]);
  }

  override async setBreakGlass(id: AccountId, breakGlass: boolean, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(SET_BREAK_GLASS, [id, breakGlass, ...auditValues(audit)]);
  }

  override async setEmail(id: AccountId, email: Email | undefined, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(SET_EMAIL, [id, email?.address, email?.verified ?? false, ...auditValues(audit)]);
  }
}

export function createAccountValues(account: Account, audit: AuditEvent): readonly unknown[] {
  return [
    account.id,
    account.username,
    account.displayName,
    account.passwordHash,
    account.createdAt,
    account.disabledAt,
    account.email?.address,
    account.email?.verified ?? false,
    account.breakGlass ?? false,
    ...auditValues(audit),
  ];
}

export function toAccount(record: AccountRecord): Account {
  return {
    id: record.id,
    username: record.username,
    displayName: record.display_name,
    ...(record.password_hash !== null && { passwordHash: record.password_hash }),
    ...(record.email !== null && { email: { address: record.email, verified: record.email_verified } }),
    ...(record.break_glass && { breakGlass: true as const }),
    createdAt: record.created_at,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
  };
}
