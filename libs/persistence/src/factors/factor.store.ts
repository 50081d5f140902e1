/**
 * What guards an account. Adding and removing look at how many there are, so they hold the account's row; everything that
 * is used up is used up by one conditional statement.
 */
import { type AuditEvent } from '@gatehouse/audit';
import { type AddedFactor, type Factor, FactorStore, MOST_FACTORS, type Passkey } from '@gatehouse/identity';
import { type AccountId } from '@gatehouse/protocol';
import { type EntityManager } from 'typeorm';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';

const COLUMNS = `id, account_id, kind, name, sealed_secret, credential_id, public_key, counter, created_at, last_used_at`;
const LIST = `SELECT ${COLUMNS} FROM factors WHERE account_id = $1 ORDER BY created_at, id`;
const BY_CREDENTIAL = `SELECT ${COLUMNS} FROM factors WHERE credential_id = $1 AND kind = 'passkey'`;

const LOCK_ACCOUNT = `SELECT true FROM accounts WHERE id = $1 FOR UPDATE`;
const COUNT = `SELECT count(*)::integer AS count FROM factors WHERE account_id = $1`;
const ADD = `
  WITH added AS (
    INSERT INTO factors (${COLUMNS}, last_step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10)
    ON CONFLICT DO NOTHING RETURNING true
  ), recorded AS (${insertAuditEvent('added', 11)})
  SELECT true FROM added`;
const REMOVE = `
  WITH removed AS (
    DELETE FROM factors WHERE account_id = $1 AND id = $2 RETURNING true
  ), recorded AS (${insertAuditEvent('removed', 3)})
  SELECT true FROM removed`;
const RENAME = `
  WITH renamed AS (
    UPDATE factors SET name = $3 WHERE account_id = $1 AND id = $2 RETURNING true
  ), recorded AS (${insertAuditEvent('renamed', 4)})
  SELECT true FROM renamed`;
const RESET = `
  WITH gone AS (
    DELETE FROM factors WHERE account_id = $1 RETURNING true
  ), codes AS (
    DELETE FROM recovery_codes WHERE account_id = $1
  ), pending AS (
    DELETE FROM pending_sign_ins WHERE account_id = $1
  ), any_of_them AS (
    SELECT FROM gone LIMIT 1
  ), recorded AS (${insertAuditEvent('any_of_them', 2)})
  SELECT true FROM any_of_them`;

const USE_STEP = `
  UPDATE factors SET last_step = $2, last_used_at = $3
   WHERE id = $1 AND kind = 'totp' AND (last_step IS NULL OR last_step < $2)
  RETURNING true`;
const USE_PASSKEY = `
  UPDATE factors SET counter = $2, last_used_at = $3
   WHERE id = $1 AND kind = 'passkey' AND (counter < $2 OR (counter = 0 AND $2 = 0))
  RETURNING true`;

const FORGET_CODES = `DELETE FROM recovery_codes WHERE account_id = $1`;
const ISSUE_CODES = `INSERT INTO recovery_codes (account_id, hash) SELECT $1, unnest($2::text[])`;
const RECORD = `WITH once AS (SELECT) ${insertAuditEvent('once', 1)}`;
const USE_CODE = `
  WITH used AS (
    DELETE FROM recovery_codes WHERE account_id = $1 AND hash = ANY ($2::text[]) RETURNING true
  ), recorded AS (${insertAuditEvent('used', 3)})
  SELECT true FROM used`;
const CODES_LEFT = `SELECT count(*)::integer AS count FROM recovery_codes WHERE account_id = $1`;

interface FactorRecord {
  readonly id: string;
  readonly account_id: AccountId;
  readonly kind: string;
  readonly name: string;
  readonly sealed_secret: string | null;
  readonly credential_id: string | null;
  readonly public_key: Buffer | null;
  /** bigint comes as text. */
  readonly counter: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

interface Count {
  readonly count: number;
}

export class PgFactorStore extends FactorStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(accountId: AccountId): Promise<readonly Factor[]> {
    return (await this.database.query<FactorRecord>(LIST, [accountId])).map(toFactor);
  }

  override async add(added: AddedFactor, audit: AuditEvent): Promise<boolean> {
    const { factor, onlyAsFirst, spentStep, recoveryCodes } = added;
    const { accountId } = factor;
    return this.database.transaction(async (manager) => {
      const there = await lockAndCount(manager, accountId);
      if (there >= MOST_FACTORS || (onlyAsFirst && there > 0)) return false;
      const values = [...valuesOf(factor), spentStep, ...auditValues(audit)];
      if ((await manager.query<object[]>(ADD, values)).length === 0) return false;
      if (recoveryCodes) await issueCodes(manager, accountId, recoveryCodes);
      return true;
    });
  }

  override async rename(accountId: AccountId, id: string, name: string, audit: AuditEvent): Promise<boolean> {
    return isUuid(id) && this.database.succeeds(RENAME, [accountId, id, name, ...auditValues(audit)]);
  }

  override async remove(accountId: AccountId, id: string, keepOne: boolean, audit: AuditEvent): Promise<boolean> {
    if (!isUuid(id)) return false;
    return this.database.transaction(async (manager) => {
      const there = await lockAndCount(manager, accountId);
      if (keepOne && there <= 1) return false;
      const removed = await manager.query<object[]>(REMOVE, [accountId, id, ...auditValues(audit)]);
      if (removed.length === 0) return false;
      if (there === 1) await manager.query(FORGET_CODES, [accountId]);
      return true;
    });
  }

  override async reset(accountId: AccountId, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(RESET, [accountId, ...auditValues(audit)]);
  }

  override async useStep(id: string, step: number, now: Date): Promise<boolean> {
    return this.database.succeeds(USE_STEP, [id, step, now]);
  }

  override async findPasskey(credentialId: string): Promise<Passkey | undefined> {
    const [record] = await this.database.query<FactorRecord>(BY_CREDENTIAL, [credentialId]);
    const factor = record && toFactor(record);
    return factor?.kind === 'passkey' ? factor : undefined;
  }

  override async usePasskey(id: string, counter: number, now: Date): Promise<boolean> {
    return this.database.succeeds(USE_PASSKEY, [id, counter, now]);
  }

  override async replaceRecoveryCodes(
    accountId: AccountId,
    hashes: readonly string[],
    audit: AuditEvent,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      await lockAndCount(manager, accountId);
      await issueCodes(manager, accountId, hashes);
      await manager.query(RECORD, [...auditValues(audit)]);
    });
  }

  override async useRecoveryCode(accountId: AccountId, hashes: readonly string[], audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(USE_CODE, [accountId, hashes, ...auditValues(audit)]);
  }

  override async recoveryCodesLeft(accountId: AccountId): Promise<number> {
    const [left] = await this.database.query<Count>(CODES_LEFT, [accountId]);
    return left?.count ?? 0;
  }
}

async function lockAndCount(manager: EntityManager, accountId: AccountId): Promise<number> {
  await manager.query(LOCK_ACCOUNT, [accountId]);
  const [there] = await manager.query<Count[]>(COUNT, [accountId]);
  return there?.count ?? 0;
}

async function issueCodes(manager: EntityManager, accountId: AccountId, hashes: readonly string[]): Promise<void> {
  await manager.query(FORGET_CODES, [accountId]);
  await manager.query(ISSUE_CODES, [accountId, hashes]);
}

function valuesOf(factor: Factor): readonly unknown[] {
  const { id, accountId, kind, name, createdAt } = factor;
  const special =
    factor.kind === 'totp'
      ? [factor.sealedSecret, null, null, null]
      : [null, factor.credentialId, Buffer.from(factor.publicKey), factor.counter];
  return [id, accountId, kind, name, ...special, createdAt];
}

function toFactor(record: FactorRecord): Factor {
  const common = {
    id: record.id,
    accountId: record.account_id,
    name: record.name,
    createdAt: record.created_at,
    ...(record.last_used_at === null ? {} : { lastUsedAt: record.last_used_at }),
  };
  if (record.kind === 'totp') return { ...common, kind: 'totp', sealedSecret: record.sealed_secret ?? '' };
  return {
    ...common,
    kind: 'passkey',
    credentialId: record.credential_id ?? '',
    publicKey: Uint8Array.from(record.public_key ?? []),
    counter: Number(record.counter),
  };
}

/** Anything else comes from a form that was not ours. */
function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
