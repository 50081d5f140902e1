import { type AuditEvent } from '@gatehouse/audit';
import { IdentityProviderStore, type ProviderChange, type ProviderId, type StoredProvider } from '@gatehouse/identity';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type Database } from '../database.js';
import { insertLogoutNotices } from '../logout/logout-notice.store.js';

const COLUMNS = 'id, kind, name, domains, just_in_time, settings, sealed_secrets, created_at, disabled_at';
const LIST = `SELECT ${COLUMNS} FROM identity_providers ORDER BY id COLLATE "C"`;
const LOCK = `SELECT ${COLUMNS} FROM identity_providers WHERE id = $1 FOR UPDATE`;

const CREATE = `
  WITH created AS (
    INSERT INTO identity_providers (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO NOTHING RETURNING true
  ), recorded AS (${insertAuditEvent('created', 10)})
  SELECT true FROM created`;

const CHANGE = `
  WITH changed AS (
    UPDATE identity_providers SET (${COLUMNS}) = ROW ($1, $2, $3, $4::text[], $5::boolean, $6::jsonb, $7, $8::timestamptz, $9::timestamptz)
     WHERE id = $1 RETURNING true
  ), recorded AS (${insertAuditEvent('changed', 10)})
  SELECT true FROM changed`;

/** The provider first: an arrival holds its row until it has stored what it brings. */
const LOCK_FOR_REMOVAL = `SELECT true FROM identity_providers WHERE id = $1 FOR UPDATE`;
const REMOVE = `
  WITH removed AS (
    DELETE FROM identity_providers WHERE id = $1 RETURNING true
  ), unlinked AS (
    DELETE FROM external_identities WHERE provider_id = $1
  ), ungrouped AS (
    DELETE FROM account_groups WHERE provider_id = $1
  ), forgotten AS (
    DELETE FROM sso_logins WHERE provider_id = $1
  ), ended AS (
    DELETE FROM sessions WHERE provider_id = $1 RETURNING sid, account_id
  ), told AS (${insertLogoutNotices('ended', '$2')}
  ), recorded AS (${insertAuditEvent('removed', 3)})
  SELECT true FROM removed`;

interface ProviderRecord {
  readonly id: ProviderId;
  readonly kind: StoredProvider['kind'];
  readonly name: string;
  readonly domains: readonly string[];
  readonly just_in_time: boolean;
  readonly settings: StoredProvider['settings'];
  readonly sealed_secrets: string | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

export class PgIdentityProviderStore extends IdentityProviderStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async list(): Promise<readonly StoredProvider[]> {
    return (await this.database.query<ProviderRecord>(LIST)).map(toProvider);
  }

  override create(provider: StoredProvider, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(CREATE, [...valuesOf(provider), ...auditValues(audit)]);
  }

  override change(
    id: ProviderId,
    change: (current: StoredProvider) => ProviderChange | undefined,
  ): Promise<StoredProvider | undefined> {
    return this.database.transaction(async (manager) => {
      const [record] = await manager.query<ProviderRecord[]>(LOCK, [id]);
      if (!record) return undefined;
      const current = toProvider(record);
      const changed = change(current);
      if (!changed) return current;
      await manager.query(CHANGE, [...valuesOf(changed.provider), ...auditValues(changed.audit)]);
      return changed.provider;
    });
  }

  override remove(id: ProviderId, audit: AuditEvent): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const found = await manager.query<unknown[]>(LOCK_FOR_REMOVAL, [id]);
      if (found.length === 0) return false;
      await manager.query(REMOVE, [id, audit.at, ...auditValues(audit)]);
      return true;
    });
  }
}

function valuesOf(provider: StoredProvider): readonly unknown[] {
  return [
    provider.id,
    provider.kind,
    provider.name,
    provider.domains,
    provider.justInTime,
    JSON.stringify(provider.settings),
    provider.sealedSecrets,
    provider.createdAt,
    provider.disabledAt,
  ];
}

function toProvider(record: ProviderRecord): StoredProvider {
  return {
    id: record.id,
    kind: record.kind,
    name: record.name,
    domains: record.domains,
    justInTime: record.just_in_time,
    settings: record.settings,
    ...(record.sealed_secrets !== null && { sealedSecrets: record.sealed_secrets }),
    createdAt: record.created_at,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
  };
}
