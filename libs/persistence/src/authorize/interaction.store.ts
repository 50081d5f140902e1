import { type AuditEvent } from '@gatehouse/audit';
import {
  type Approval,
  type AuthorizationCode,
  type DeviceRequest,
  type Interaction,
  InteractionStore,
  type SignedInPerson,
} from '@gatehouse/authorization-server';
import { type AccountId, type TokenHash } from '@gatehouse/protocol';
import { Act, type Columns } from '../act.js';
import { auditRecord, auditValues, insertAuditEvent, insertAuditEvents } from '../audit/insert-audit-event.js';
import { type SessionContextRecord, sessionValues, toSession } from '../authorizations/session-columns.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';

const BEGIN = `
  INSERT INTO interactions (id, browser, request, account_id, authenticated_at, created_at, expires_at, sid, acr, amr)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

/** The delete decides between browsers that bring the same request. */
const BEGIN_PUSHED = `
  WITH used AS (
    DELETE FROM pushed_requests WHERE id = $11 AND client_id = $12 AND expires_at > $13 RETURNING true
  ), begun AS (
    INSERT INTO interactions (id, browser, request, account_id, authenticated_at, created_at, expires_at, sid, acr, amr)
    SELECT $1::bytea, $2::bytea, $3::jsonb, $4::uuid, $5::timestamptz, $6::timestamptz, $7::timestamptz,
           $8::uuid, $9::text, $10::text[]
      FROM used
    RETURNING true
  )
  SELECT true FROM begun`;

/** In the order of `codeValues`. */
const CODE_COLUMNS: Columns = [
  ['hash', 'bytea'],
  ['client_id', 'text'],
  ['account_id', 'uuid'],
  ['redirect_uri', 'text'],
  ['redirect_uri_was_sent', 'boolean'],
  ['code_challenge', 'text'],
  ['resource', 'text'],
  ['scopes', 'text[]'],
  ['authenticated_at', 'timestamptz'],
  ['issued_at', 'timestamptz'],
  ['expires_at', 'timestamptz'],
  ['sid', 'uuid'],
  ['acr', 'text'],
  ['amr', 'text[]'],
  ['nonce', 'text'],
  ['dpop_jkt', 'text'],
];

const FIND = `
  SELECT request, account_id, authenticated_at, created_at, expires_at, sid, acr, amr
    FROM interactions
   WHERE id = $1 AND browser = $2 AND completed_at IS NULL AND expires_at > $3`;

const SIGN_IN = `
  WITH moved AS (
    UPDATE interactions SET id = $4, account_id = $5, authenticated_at = $6, sid = $7, acr = $8, amr = $9
     WHERE id = $1 AND browser = $2 AND completed_at IS NULL AND expires_at > $3
    RETURNING true
  )
  SELECT true FROM moved`;

const ASK = `
  WITH asked AS (
    UPDATE interactions SET request = $4
     WHERE id = $1 AND browser = $2 AND completed_at IS NULL AND expires_at > $3 AND request ? 'userCode'
    RETURNING true
  )
  SELECT true FROM asked`;

/** The parties of an approval: locked, for it is a birth. */
const PARTIES = `
    SELECT true FROM clients client, accounts account
     WHERE client.id = $3 AND client.disabled_at IS NULL AND account.id = $4 AND account.disabled_at IS NULL
       FOR SHARE OF client, account`;

const AGREE = (source: string): string => `
    INSERT INTO consents (account_id, client_id, resource, scopes, granted_at)
    SELECT $5::uuid, $6::text, $7::text, $8::text[], $9::timestamptz FROM ${source}
    ON CONFLICT (account_id, client_id, resource)
    DO UPDATE SET scopes = excluded.scopes, granted_at = excluded.granted_at`;

/** As `APPROVE_AGAIN`: the consent is a party too. */
const STORED_PARTIES = `
    SELECT true FROM consents consent
      JOIN clients client ON client.id = consent.client_id AND client.disabled_at IS NULL
      JOIN accounts account ON account.id = consent.account_id AND account.disabled_at IS NULL
     WHERE consent.account_id = $4 AND consent.client_id = $3 AND consent.resource = $14::text
       AND consent.scopes @> $15::text[]
       FOR SHARE OF client, account, consent`;
const AS_AGREED = `SELECT $5::uuid, $6::text, $7::text, $8::text[], $9::timestamptz`;

/** Client and account first, then the interaction. Why FOR SHARE: see authorizations/standing.ts. */
const approve = (parties: string, agree: string): string => `
  WITH parties AS (${parties}
  ), ended AS (
    UPDATE interactions SET completed_at = $2
     WHERE id = $1 AND completed_at IS NULL AND expires_at > $2 AND EXISTS (SELECT FROM parties)
    RETURNING true
  ), agreed AS (${agree}
  ), issued AS (
    INSERT INTO authorization_codes (
      hash, client_id, account_id, redirect_uri, redirect_uri_was_sent, code_challenge, resource, scopes,
      authenticated_at, issued_at, expires_at, sid, acr, amr, nonce, dpop_jkt)
    SELECT $10::bytea, $3, $4, $11::text, $12::boolean, $13::text, $14::text, $15::text[],
           $16::timestamptz, $17::timestamptz, $18::timestamptz, $19::uuid, $20::text, $21::text[], $22::text, $23::text
      FROM ended
  ), recorded AS (${insertAuditEvent('ended', 24)})
  SELECT true FROM ended`;

const APPROVE = approve(PARTIES, AGREE('ended'));
const APPROVE_STORED = approve(STORED_PARTIES, AS_AGREED);

/**
 * The device's row is what decides, for several journeys may lead to it; the interaction is asked for and ended on the
 * way. Its own conditions are read once more than locked: nothing ends an interaction about a device but these two.
 */
const OPEN = `decided_at IS NULL AND expires_at > $2
       AND EXISTS (SELECT FROM interactions WHERE id = $1 AND completed_at IS NULL AND expires_at > $2)`;

const APPROVE_DEVICE = `
  WITH parties AS (${PARTIES}
  ), decided AS (
    UPDATE device_authorizations
       SET decided_at = $2, account_id = $4, authenticated_at = $11, approved_scopes = $12, sid = $13, acr = $14, amr = $15
     WHERE code = $10 AND client_id = $3 AND ${OPEN} AND EXISTS (SELECT FROM parties)
    RETURNING true
  ), ended AS (
    UPDATE interactions SET completed_at = $2 WHERE id = $1 AND EXISTS (SELECT FROM decided)
  ), agreed AS (${AGREE('decided')}
  ), recorded AS (${insertAuditEvent('decided', 16)})
  SELECT true FROM decided`;

const REFUSE_DEVICE = `
  WITH decided AS (
    UPDATE device_authorizations SET decided_at = $2, denial_reason = $4
     WHERE code = $3 AND ${OPEN}
    RETURNING true
  ), ended AS (
    UPDATE interactions SET completed_at = $2 WHERE id = $1 AND EXISTS (SELECT FROM decided)
  ), recorded AS (${insertAuditEvent('decided', 5)})
  SELECT true FROM decided`;

/**
 * Rests on the stored consent, and on its parties: all are locked, for it is a birth, see authorizations/standing.ts. The
 * consent too, and after the client, as whoever drops consents holds it: a statement that waited for the client would
 * else still see the consent that is gone.
 */
const APPROVE_AGAIN = `
  agreed AS (
    SELECT asked.*
      FROM asked CROSS JOIN LATERAL (
        SELECT true
          FROM consents consent
          JOIN clients client ON client.id = consent.client_id AND client.disabled_at IS NULL
          JOIN accounts account ON account.id = consent.account_id AND account.disabled_at IS NULL
         WHERE consent.account_id = asked.account_id AND consent.client_id = asked.client_id
           AND consent.resource = asked.resource AND consent.scopes @> asked.scopes
         LIMIT 1
           FOR SHARE OF client, account, consent) still_agreed
  ), issued AS (
    INSERT INTO authorization_codes (${CODE_COLUMNS.map(([name]) => name).join(', ')})
    SELECT ${CODE_COLUMNS.map(([name]) => name).join(', ')} FROM agreed
  ), recorded AS (${insertAuditEvents('agreed')})`;

const REFUSE = `
  WITH ended AS (
    UPDATE interactions SET completed_at = $2
     WHERE id = $1 AND completed_at IS NULL AND expires_at > $2
    RETURNING true
  ), recorded AS (${insertAuditEvent('ended', 3)})
  SELECT true FROM ended`;

interface InteractionRecord extends SessionContextRecord {
  readonly request: Interaction['request'];
  readonly account_id: AccountId | null;
  readonly authenticated_at: Date | null;
  readonly created_at: Date;
  readonly expires_at: Date;
}

export class PgInteractionStore extends InteractionStore {
  readonly #approveAgain: Act;
  readonly #found: Question<[Buffer, Buffer, Date], InteractionRecord>;

  constructor(private readonly database: Database) {
    super();
    this.#approveAgain = new Act(database, [...CODE_COLUMNS, ['audit', 'json']], APPROVE_AGAIN, 'agreed');
    this.#found = new Question(database, FIND, ['bytea', 'bytea', 'timestamptz']);
  }

  override async begin(interaction: Interaction): Promise<void> {
    await this.database.query(BEGIN, beginValues(interaction));
  }

  override async beginPushed(
    interaction: Interaction & { readonly request: { readonly clientId: string } },
    pushed: TokenHash,
    now: Date,
  ): Promise<boolean> {
    const { clientId } = interaction.request;
    return this.database.succeeds(BEGIN_PUSHED, [...beginValues(interaction), toBytes(pushed), clientId, now]);
  }

  override async find(id: TokenHash, browser: TokenHash, now: Date): Promise<Interaction | undefined> {
    const record = await this.#found.ask(toBytes(id), toBytes(browser), now);
    return record && toInteraction(id, browser, record);
  }

  override async signIn(
    id: TokenHash,
    browser: TokenHash,
    next: { readonly id: TokenHash; readonly person: SignedInPerson },
    now: Date,
  ): Promise<boolean> {
    return this.database.succeeds(SIGN_IN, [
      toBytes(id),
      toBytes(browser),
      now,
      toBytes(next.id),
      next.person.accountId,
      next.person.authenticatedAt,
      ...sessionValues(next.person),
    ]);
  }

  override async ask(id: TokenHash, browser: TokenHash, request: DeviceRequest, now: Date): Promise<boolean> {
    return this.database.succeeds(ASK, [toBytes(id), toBytes(browser), now, JSON.stringify(request)]);
  }

  override async approve(id: TokenHash, outcome: Approval, now: Date): Promise<boolean> {
    const { consent, audit } = outcome;
    const agreed = [consent.accountId, consent.clientId, consent.resource, consent.scopes, consent.grantedAt];
    if ('device' in outcome) {
      const { code, clientId, accountId, authenticatedAt, session, scopes } = outcome.device;
      const decided = [toBytes(code), authenticatedAt, scopes, ...sessionValues(session)];
      const values = [toBytes(id), now, clientId, accountId, ...agreed, ...decided, ...auditValues(audit)];
      return this.database.succeeds(APPROVE_DEVICE, values);
    }
    const { code, stored } = outcome;
    const [hash, , , ...values] = codeValues(code);
    return this.database.succeeds(stored ? APPROVE_STORED : APPROVE, [
      toBytes(id),
      now,
      code.clientId,
      code.accountId,
      ...agreed,
      hash,
      ...values,
      ...auditValues(audit),
    ]);
  }

  override approveAgain(code: AuthorizationCode, audit: AuditEvent): Promise<boolean> {
    return this.#approveAgain.do(...codeValues(code), auditRecord(audit));
  }

  override async refuse(id: TokenHash, audit: AuditEvent, now: Date, device?: TokenHash): Promise<boolean> {
    if (device === undefined) return this.database.succeeds(REFUSE, [toBytes(id), now, ...auditValues(audit)]);
    const reason = audit.reason ?? 'consent_denied';
    return this.database.succeeds(REFUSE_DEVICE, [toBytes(id), now, toBytes(device), reason, ...auditValues(audit)]);
  }
}

function codeValues(code: AuthorizationCode): readonly [Buffer, ...unknown[]] {
  return [
    toBytes(code.hash),
    code.clientId,
    code.accountId,
    code.redirectUri,
    code.redirectUriWasSent,
    code.codeChallenge,
    code.resource,
    code.scopes,
    code.authenticatedAt,
    code.issuedAt,
    code.expiresAt,
    ...sessionValues(code.session),
    code.nonce,
    code.binding?.jkt,
  ];
}

function beginValues(interaction: Interaction): readonly unknown[] {
  return [
    toBytes(interaction.id),
    toBytes(interaction.browser),
    JSON.stringify(interaction.request),
    interaction.person?.accountId,
    interaction.person?.authenticatedAt,
    interaction.createdAt,
    interaction.expiresAt,
    ...sessionValues(interaction.person),
  ];
}

function toInteraction(id: TokenHash, browser: TokenHash, record: InteractionRecord): Interaction {
  return {
    id,
    browser,
    request: record.request,
    ...personOf(record),
    createdAt: record.created_at,
    expiresAt: record.expires_at,
  };
}

/** Nobody, if it is not known in which session: then the journey asks to sign in. */
function personOf(record: InteractionRecord): { readonly person?: SignedInPerson } {
  const { account_id: accountId, authenticated_at: authenticatedAt } = record;
  const { session } = toSession(record);
  return accountId && authenticatedAt && session ? { person: { accountId, authenticatedAt, ...session } } : {};
}
