import { type AuditEvent } from '@gatehouse/audit';
import {
  type Authorization,
  type AuthorizationCode,
  AuthorizationCodeStore,
  type Standing,
} from '@gatehouse/authorization-server';
import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type TokenHash,
} from '@gatehouse/protocol';
import { Act, type Columns } from '../act.js';
import { auditRecord, insertAuditEvents } from '../audit/insert-audit-event.js';
import { birthRecord, insertAuthorizations } from '../authorizations/insert-authorization.js';
import { type SessionContextRecord, toSession } from '../authorizations/session-columns.js';
import { standingColumns, standingJoins, type StandingRecord, toStanding } from '../authorizations/standing.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';

const FIND = `
  SELECT code.client_id, code.account_id, code.redirect_uri, code.redirect_uri_was_sent, code.code_challenge,
         code.resource, code.scopes, code.authenticated_at, code.issued_at, code.expires_at, code.redeemed_at,
         code.authorization_id, code.sid, code.acr, code.amr, code.nonce, code.dpop_jkt, ${standingColumns('code')}
    FROM authorization_codes code ${standingJoins('code')}
   WHERE code.hash = $1`;

/** Parties first, then the code: every birth takes its locks in this order. Why FOR SHARE: see standing.ts. */
const REDEEM = `
  parties AS (
    SELECT asked.position
      FROM asked CROSS JOIN LATERAL (
        SELECT true
          FROM authorization_codes code
          JOIN clients client ON client.id = code.client_id AND client.disabled_at IS NULL
          JOIN accounts account ON account.id = code.account_id AND account.disabled_at IS NULL
          JOIN resources resource ON resource.identifier = code.resource AND resource.disabled_at IS NULL
         WHERE code.hash = asked.hash
         LIMIT 1
           FOR SHARE OF client, account, resource) all_active
  ), redeemed AS (
    UPDATE authorization_codes code
       SET redeemed_at = asked.now, authorization_id = asked.id
      FROM asked JOIN parties USING (position)
     WHERE code.hash = ANY ($2) AND code.hash IS NOT DISTINCT FROM asked.hash AND code.redeemed_at IS NULL AND code.expires_at > asked.now
    RETURNING asked.position, asked.birth, asked.audit
  ), born AS (${insertAuthorizations('redeemed')}
  ), recorded AS (${insertAuditEvents('redeemed')})`;

const REDEEM_COLUMNS: Columns = [
  ['hash', 'bytea'],
  ['now', 'timestamptz'],
  ['id', 'uuid'],
  ['birth', 'json'],
  ['audit', 'json'],
];

interface CodeRecord extends StandingRecord, SessionContextRecord {
  readonly client_id: ClientId;
  readonly account_id: AccountId;
  readonly redirect_uri: string;
  readonly redirect_uri_was_sent: boolean;
  readonly code_challenge: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly authenticated_at: Date;
  readonly issued_at: Date;
  readonly expires_at: Date;
  readonly redeemed_at: Date | null;
  readonly authorization_id: AuthorizationId | null;
  readonly nonce: string | null;
  readonly dpop_jkt: string | null;
}

export class PgAuthorizationCodeStore extends AuthorizationCodeStore {
  readonly #byHash: Question<[Buffer], CodeRecord>;
  readonly #redeem: Act;

  constructor(database: Database) {
    super();
    this.#byHash = new Question(database, FIND, ['bytea']);
    this.#redeem = new Act(database, REDEEM_COLUMNS, REDEEM, 'redeemed');
  }

  override async find(
    hash: TokenHash,
  ): Promise<{ readonly code: AuthorizationCode; readonly standing: Standing } | undefined> {
    const record = await this.#byHash.ask(toBytes(hash));
    return record && { code: toCode(hash, record), standing: toStanding(record) };
  }

  override async redeem(code: AuthorizationCode, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.#redeem.do(toBytes(code.hash), now, birth.id, birthRecord(birth), auditRecord(audit));
  }
}

function toCode(hash: TokenHash, record: CodeRecord): AuthorizationCode {
  return {
    hash,
    clientId: record.client_id,
    accountId: record.account_id,
    redirectUri: record.redirect_uri,
    redirectUriWasSent: record.redirect_uri_was_sent,
    codeChallenge: record.code_challenge,
    resource: record.resource,
    scopes: record.scopes,
    authenticatedAt: record.authenticated_at,
    ...toSession(record),
    ...(record.nonce === null ? {} : { nonce: record.nonce }),
    ...(record.dpop_jkt === null ? {} : { binding: { jkt: record.dpop_jkt } }),
    issuedAt: record.issued_at,
    expiresAt: record.expires_at,
    ...(record.redeemed_at && record.authorization_id
      ? { redeemed: { at: record.redeemed_at, authorizationId: record.authorization_id } }
      : {}),
  };
}
