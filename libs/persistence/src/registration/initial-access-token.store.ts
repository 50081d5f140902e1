import { type AuditEvent } from '@gatehouse/audit';
import { type InitialAccessToken, InitialAccessTokenStore } from '@gatehouse/authorization-server';
import { type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { fromBytes, toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const CREATE = `
  WITH created AS (
    INSERT INTO initial_access_tokens (id, hash, label, uses_left, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    RETURNING true
  ), recorded AS (${insertAuditEvent('created', 7)})
  SELECT true FROM created`;

const SELECT = `SELECT id, hash, label, uses_left, created_at, expires_at, revoked_at FROM initial_access_tokens`;
const FIND = `${SELECT} WHERE hash = $1`;
const LIST = `${SELECT} ORDER BY created_at DESC, id`;

const REVOKE = `
  WITH revoked AS (
    UPDATE initial_access_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING true
  ), recorded AS (${insertAuditEvent('revoked', 3)})
  SELECT true FROM revoked`;

interface TokenRecord {
  readonly id: string;
  readonly hash: Buffer;
  readonly label: string;
  readonly uses_left: number;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
}

/** Spent by PgRegistrationStore.admit. */
export class PgInitialAccessTokenStore extends InitialAccessTokenStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async create(token: InitialAccessToken, audit: AuditEvent): Promise<void> {
    const { id, hash, label, usesLeft, createdAt, expiresAt } = token;
    const values = [id, toBytes(hash), label, usesLeft, createdAt, expiresAt];
    await this.database.query(CREATE, [...values, ...auditValues(audit)]);
  }

  override async find(hash: TokenHash): Promise<InitialAccessToken | undefined> {
    const [record] = await this.database.query<TokenRecord>(FIND, [toBytes(hash)]);
    return record && toToken(record);
  }

  override async list(): Promise<readonly InitialAccessToken[]> {
    return (await this.database.query<TokenRecord>(LIST)).map(toToken);
  }

  override async revoke(id: string, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(REVOKE, [id, audit.at, ...auditValues(audit)]);
  }
}

function toToken(record: TokenRecord): InitialAccessToken {
  return {
    id: record.id,
    hash: fromBytes(record.hash) as TokenHash,
    label: record.label,
    usesLeft: record.uses_left,
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    ...(record.revoked_at && { revokedAt: record.revoked_at }),
  };
}
