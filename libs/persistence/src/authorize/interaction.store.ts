import { type AuditEvent } from '@gatehouse/audit';
import {
  type AuthorizationCode,
  type Consent,
  type Interaction,
  InteractionStore,
  type SignedInPerson,
} from '@gatehouse/authorization-server';
import { type AccountId, type TokenHash } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const BEGIN = `
  INSERT INTO interactions (id, browser, request, account_id, authenticated_at, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const FIND = `
  SELECT request, account_id, authenticated_at, created_at, expires_at
    FROM interactions
   WHERE id = $1 AND browser = $2 AND completed_at IS NULL AND expires_at > $3`;

const SIGN_IN = `
  WITH moved AS (
    UPDATE interactions SET id = $4, account_id = $5, authenticated_at = $6
     WHERE id = $1 AND browser = $2 AND completed_at IS NULL AND expires_at > $3
    RETURNING true
  )
  SELECT true FROM moved`;

/**
 * Before the approval, for then the clean-up cannot take the client away under it; and not within it: two first approvals
 * at once would both hold the row shared and wait for each other to let go. A click that fails afterwards counts as use.
 */
const KEEP_CLIENT = `
  WITH kept AS (UPDATE clients SET unused_since = NULL WHERE id = $1 AND unused_since IS NOT NULL RETURNING true)
  SELECT true FROM kept`;

/** Client and account first, then the interaction. Why FOR SHARE: see authorizations/standing.ts. */
const APPROVE = `
  WITH parties AS (
    SELECT true FROM clients client, accounts account
     WHERE client.id = $3 AND client.disabled_at IS NULL AND account.id = $4 AND account.disabled_at IS NULL
       FOR SHARE OF client, account
  ), ended AS (
    UPDATE interactions SET completed_at = $2
     WHERE id = $1 AND completed_at IS NULL AND expires_at > $2 AND EXISTS (SELECT FROM parties)
    RETURNING true
  ), agreed AS (
    INSERT INTO consents (account_id, client_id, resource, scopes, granted_at)
    SELECT $5::uuid, $6::text, $7::text, $8::text[], $9::timestamptz FROM ended
    ON CONFLICT (account_id, client_id, resource)
    DO UPDATE SET scopes = excluded.scopes, granted_at = excluded.granted_at
  ), issued AS (
    INSERT INTO authorization_codes (
      hash, client_id, account_id, redirect_uri, redirect_uri_was_sent, code_challenge, resource, scopes,
      authenticated_at, issued_at, expires_at)
    SELECT $10::bytea, $3, $4, $11::text, $12::boolean, $13::text, $14::text, $15::text[],
           $16::timestamptz, $17::timestamptz, $18::timestamptz
      FROM ended
  ), recorded AS (${insertAuditEvent('ended', 19)})
  SELECT true FROM ended`;

const REFUSE = `
  WITH ended AS (
    UPDATE interactions SET completed_at = $2
     WHERE id = $1 AND completed_at IS NULL AND expires_at > $2
    RETURNING true
  ), recorded AS (${insertAuditEvent('ended', 3)})
  SELECT true FROM ended`;

interface InteractionRecord {
  readonly request: Interaction['request'];
  readonly account_id: AccountId | null;
  readonly authenticated_at: Date | null;
  readonly created_at: Date;
  readonly expires_at: Date;
}

export class PgInteractionStore extends InteractionStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin(interaction: Interaction): Promise<void> {
    await this.database.query(BEGIN, [
      toBytes(interaction.id),
      toBytes(interaction.browser),
      JSON.stringify(interaction.request),
      interaction.person?.accountId,
      interaction.person?.authenticatedAt,
      interaction.createdAt,
      interaction.expiresAt,
    ]);
  }

  override async find(id: TokenHash, browser: TokenHash, now: Date): Promise<Interaction | undefined> {
    const [record] = await this.database.query<InteractionRecord>(FIND, [toBytes(id), toBytes(browser), now]);
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
    ]);
  }

  override async approve(
    id: TokenHash,
    outcome: { readonly consent: Consent; readonly code: AuthorizationCode; readonly audit: AuditEvent },
    now: Date,
  ): Promise<boolean> {
    const { consent, code, audit } = outcome;
    await this.database.query(KEEP_CLIENT, [code.clientId]);
    return this.database.succeeds(APPROVE, [
      toBytes(id),
      now,
      code.clientId,
      code.accountId,
      consent.accountId,
      consent.clientId,
      consent.resource,
      consent.scopes,
      consent.grantedAt,
      toBytes(code.hash),
      code.redirectUri,
      code.redirectUriWasSent,
      code.codeChallenge,
      code.resource,
      code.scopes,
      code.authenticatedAt,
      code.issuedAt,
      code.expiresAt,
      ...auditValues(audit),
    ]);
  }

  override async refuse(id: TokenHash, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.database.succeeds(REFUSE, [toBytes(id), now, ...auditValues(audit)]);
  }
}

function toInteraction(id: TokenHash, browser: TokenHash, record: InteractionRecord): Interaction {
  return {
    id,
    browser,
    request: record.request,
    ...(record.account_id && record.authenticated_at
      ? { person: { accountId: record.account_id, authenticatedAt: record.authenticated_at } }
      : {}),
    createdAt: record.created_at,
    expiresAt: record.expires_at,
  };
}
