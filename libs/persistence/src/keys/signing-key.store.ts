import { type AuditEvent } from '@gatehouse/audit';
import { type SealedSigningKey, SigningKeyStore } from '@gatehouse/authorization-server';
import { type KeyId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';

const LIST = `
  SELECT kid, algorithm, public_jwk, sealed_private_key, published_at, activates_at, withdraw_at
    FROM signing_keys ORDER BY ordinal`;

/** A statement of its own: the next one must begin, and so take its snapshot, when the lock is ours. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('gatehouse.signing-keys', 0))`;

const PUBLISH = `
  WITH expected AS (
    SELECT true WHERE (SELECT kid FROM signing_keys ORDER BY ordinal DESC LIMIT 1) IS NOT DISTINCT FROM $1::text
  ), dated AS (
    UPDATE signing_keys SET withdraw_at = $2 WHERE withdraw_at IS NULL AND EXISTS (SELECT FROM expected)
  ), published AS (
    INSERT INTO signing_keys (kid, algorithm, public_jwk, sealed_private_key, published_at, activates_at, withdraw_at)
    SELECT $3::text, $4::text, $5::jsonb, $6::text, $7::timestamptz, $8::timestamptz, $9::timestamptz FROM expected
    RETURNING true
  ), recorded AS (${insertAuditEvent('published', 10)})
  SELECT true FROM published`;

const WITHDRAW = `
  WITH withdrawn AS (
    DELETE FROM signing_keys WHERE withdraw_at <= $1 RETURNING ordinal, kid
  ), recorded AS (
    INSERT INTO audit_events (type, at, detail)
    SELECT 'key.withdrawn', $1, jsonb_build_object('keyId', kid) FROM withdrawn ORDER BY ordinal
  )
  SELECT kid FROM withdrawn ORDER BY ordinal`;

interface SigningKeyRecord {
  readonly kid: KeyId;
  readonly algorithm: SealedSigningKey['algorithm'];
  readonly public_jwk: SealedSigningKey['publicJwk'];
  readonly sealed_private_key: string;
  readonly published_at: Date;
  readonly activates_at: Date;
  readonly withdraw_at: Date | null;
}

export class PgSigningKeyStore extends SigningKeyStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(): Promise<readonly SealedSigningKey[]> {
    return (await this.database.query<SigningKeyRecord>(LIST)).map(toSigningKey);
  }

  override async publish(
    key: SealedSigningKey,
    expectedNewest: KeyId | undefined,
    withdrawOthersAt: Date,
    audit: AuditEvent,
  ): Promise<boolean> {
    const published = await this.database.transaction(async (manager) => {
      await manager.query(LOCK);
      return manager.query<object[]>(PUBLISH, [
        expectedNewest,
        withdrawOthersAt,
        key.id,
        key.algorithm,
        JSON.stringify(key.publicJwk),
        key.sealedPrivateKey,
        key.publishedAt,
        key.activatesAt,
        key.withdrawAt,
        ...auditValues(audit),
      ]);
    });
    return published.length > 0;
  }

  override async withdraw(now: Date): Promise<readonly KeyId[]> {
    const withdrawn = await this.database.query<{ readonly kid: KeyId }>(WITHDRAW, [now]);
    return withdrawn.map(({ kid }) => kid);
  }
}

function toSigningKey(record: SigningKeyRecord): SealedSigningKey {
  return {
    id: record.kid,
    algorithm: record.algorithm,
    publicJwk: record.public_jwk,
    sealedPrivateKey: record.sealed_private_key,
    publishedAt: record.published_at,
    activatesAt: record.activates_at,
    ...(record.withdraw_at && { withdrawAt: record.withdraw_at }),
  };
}
