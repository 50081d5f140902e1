/**
 * Token families. Each verb is one statement, so the lock of the one row decides between parallel calls: a statement that
 * waited for it looks at the row again, with all its conditions, before it changes anything.
 */
import { type AuditEvent } from '@gatehouse/audit';
import {
  type Authorization,
  AuthorizationStore,
  type FoundAuthorization,
  type RefreshState,
  type RevocationReason,
} from '@gatehouse/authorization-server';
import { type AuthorizationId, type TokenHash } from '@gatehouse/protocol';
import { Act, type Columns } from '../act.js';
import { auditRecord, auditValues, insertAuditEvent, insertAuditEvents } from '../audit/insert-audit-event.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';
import {
  FOUND_COLUMNS,
  FOUND_TABLES,
  type FoundRecord,
  REFRESH_COLUMNS,
  type RefreshRecord,
  toFound,
  toRefreshState,
} from './found-authorization.js';
import { birthRecord, insertAuthorizations } from './insert-authorization.js';

const FIND = `SELECT ${FOUND_COLUMNS} FROM ${FOUND_TABLES} WHERE family.id = $1`;

/** Why it locks neither client nor resource: see standing.ts. */
const BEGIN = `
  active AS (
    SELECT asked.*
      FROM asked
     WHERE (SELECT disabled_at IS NULL FROM clients WHERE id = asked.client_id)
       AND (SELECT disabled_at IS NULL FROM resources WHERE identifier = asked.resource)
  ), begun AS (${insertAuthorizations('active')}
  ), recorded AS (${insertAuditEvents('active')})`;

const BEGIN_COLUMNS: Columns = [
  ['id', 'uuid'],
  ['client_id', 'text'],
  ['resource', 'text'],
  ['birth', 'json'],
  ['audit', 'json'],
];

/**
 * Alive at $time, with all its parties, each looked up by its key; one that is missing is as good as disabled. See
 * standing.ts for what a parallel disabling means.
 */
const alive = (time: string): string => `family.revoked_at IS NULL
  AND family.expires_at > ${time} AND family.idle_expires_at > ${time}
  AND (SELECT disabled_at IS NULL FROM clients WHERE id = family.client_id)
  AND (SELECT disabled_at IS NULL FROM accounts WHERE id = family.account_id)
  AND (SELECT disabled_at IS NULL FROM resources WHERE identifier = family.resource)`;

const ROTATE = `
  rotated AS (
    UPDATE authorizations family
       SET generation = asked.generation, current_hash = asked.current_hash, previous_hash = asked.previous_hash,
           rotated_at = asked.rotated_at, nonce = asked.nonce, idle_expires_at = asked.idle_expires_at,
           ends_on = (LEAST(family.expires_at, asked.idle_expires_at) AT TIME ZONE 'UTC')::date
      FROM asked
     WHERE family.id = ANY ($2) AND family.id IS NOT DISTINCT FROM asked.id
       AND family.current_hash = asked.presented AND ${alive('asked.now')}
    RETURNING asked.position, asked.audit
  ), recorded AS (${insertAuditEvents('rotated')})`;

const ROTATE_COLUMNS: Columns = [
  ['id', 'uuid'],
  ['presented', 'bytea'],
  ['now', 'timestamptz'],
  ['generation', 'integer'],
  ['current_hash', 'bytea'],
  ['previous_hash', 'bytea'],
  ['rotated_at', 'timestamptz'],
  ['nonce', 'bytea'],
  ['idle_expires_at', 'timestamptz'],
  ['audit', 'json'],
];

/**
 * The lock makes it wait for a rotation (the successor is being used) or a revocation that is under way, and look again
 * at what that left. Not FOR SHARE: several of those at once are dearer than one after the other.
 */
const CONFIRM_RETRY = `
  WITH confirmed AS (
    SELECT ${REFRESH_COLUMNS}
      FROM authorizations family
     WHERE family.id = $1 AND family.previous_hash = $2 AND family.rotated_at >= $4::timestamptz
       AND ${alive('$3::timestamptz')}
       FOR NO KEY UPDATE OF family
  ), recorded AS (${insertAuditEvent('confirmed', 5)})
  SELECT * FROM confirmed`;

/**
 * One condition only, so it wins against whatever changed the row while it waited. Its own row comes first, then all that
 * was derived from it: an exchange holds the one row of its parent, so neither can wait for the other in a circle. What
 * an exchange stores while this waits for it is not seen here, and needs no mark: without its ancestors it is dead.
 */
const REVOKE = `
  WITH RECURSIVE ended AS (
    UPDATE authorizations
       SET revoked_at = $2, revocation_reason = $3, ends_on = LEAST(ends_on, ($2::timestamptz AT TIME ZONE 'UTC')::date)
     WHERE id = $1 AND revoked_at IS NULL
    RETURNING id
  ), derived AS (
    SELECT child.id FROM ended JOIN authorizations child ON child.parent_id = ended.id
    UNION ALL
    SELECT child.id FROM derived JOIN authorizations child ON child.parent_id = derived.id
  ), ended_with_it AS (
    UPDATE authorizations
       SET revoked_at = $2, revocation_reason = 'parent_revoked',
           ends_on = LEAST(ends_on, ($2::timestamptz AT TIME ZONE 'UTC')::date)
     WHERE id IN (SELECT id FROM derived) AND revoked_at IS NULL
  ), recorded AS (${insertAuditEvent('ended', 4)})
  SELECT true FROM ended`;

export class PgAuthorizationStore extends AuthorizationStore {
  readonly #byId: Question<[AuthorizationId], FoundRecord>;
  readonly #begin: Act;
  readonly #rotate: Act;

  constructor(private readonly database: Database) {
    super();
    this.#byId = new Question(database, FIND, ['uuid']);
    this.#begin = new Act(database, BEGIN_COLUMNS, BEGIN, 'active');
    this.#rotate = new Act(database, ROTATE_COLUMNS, ROTATE, 'rotated');
  }

  override async begin(authorization: Authorization, audit: AuditEvent): Promise<boolean> {
    const { id, clientId, resource } = authorization;
    return this.#begin.do(id, clientId, resource, birthRecord(authorization), auditRecord(audit));
  }

  override async find(id: AuthorizationId): Promise<FoundAuthorization | undefined> {
    const record = await this.#byId.ask(id);
    return record && toFound(record);
  }

  override async rotate(
    id: AuthorizationId,
    presented: TokenHash,
    next: RefreshState,
    audit: AuditEvent,
    now: Date,
  ): Promise<boolean> {
    return this.#rotate.do(
      id,
      toBytes(presented),
      now,
      next.generation,
      toBytes(next.currentHash),
      next.previousHash && toBytes(next.previousHash),
      next.rotatedAt,
      next.nonce && toBytes(next.nonce),
      next.idleExpiresAt,
      auditRecord(audit),
    );
  }

  override async confirmRetry(
    id: AuthorizationId,
    presented: TokenHash,
    notBefore: Date,
    audit: AuditEvent,
    now: Date,
  ): Promise<RefreshState | undefined> {
    const values = [id, toBytes(presented), now, notBefore, ...auditValues(audit)];
    const [record] = await this.database.query<RefreshRecord>(CONFIRM_RETRY, values);
    return record && toRefreshState(record);
  }

  override async revoke(id: AuthorizationId, reason: RevocationReason, audit: AuditEvent): Promise<boolean> {
    return this.database.succeeds(REVOKE, [id, audit.at, reason, ...auditValues(audit)]);
  }
}
