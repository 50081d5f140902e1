import { type AuditEvent } from '@gatehouse/audit';
import { type Account, AccountStore } from '@gatehouse/identity';
import { type AccountId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';

const COLUMNS = 'id, username, display_name, password_hash, created_at, disabled_at';
const FIND = `SELECT ${COLUMNS} FROM accounts WHERE id = $1`;
const FIND_BY_USERNAME = `SELECT ${COLUMNS} FROM accounts WHERE username = $1`;

/** The unique constraint decides between two sign-ups for one name; a statement that waited for the other finds it taken. */
const CREATE = `
  WITH created AS (
    INSERT INTO accounts (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (username) DO NOTHING
    RETURNING true
  ), recorded AS (${insertAuditEvent('created', 7)})
  SELECT true FROM created`;

const SET_PASSWORD = `
  WITH changed AS (
    UPDATE accounts SET password_hash = $2 WHERE id = $1 AND ($3::text IS NULL OR password_hash = $3) RETURNING true
  )
  SELECT true FROM changed`;

interface AccountRecord {
  readonly id: AccountId;
  readonly username: string;
  readonly display_name: string;
  readonly password_hash: string | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
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
    return this.database.succeeds(CREATE, [
      account.id,
      account.username,
      account.displayName,
      account.passwordHash,
      account.createdAt,
      account.disabledAt,
      ...auditValues(audit),
    ]);
  }

  override async setPassword(id: AccountId, passwordHash: string, instead?: string): Promise<boolean> {
    return this.database.succeeds(SET_PASSWORD, [id, passwordHash, instead]);
  }
}

function toAccount(record: AccountRecord): Account {
  return {
    id: record.id,
    username: record.username,
    displayName: record.display_name,
    ...(record.password_hash !== null && { passwordHash: record.password_hash }),
    createdAt: record.created_at,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
  };
}
