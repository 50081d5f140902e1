import { type ProviderId, type SsoLogin, SsoLoginStore } from '@gatehouse/identity';
import { type TokenHash } from '@gatehouse/protocol';
import { fromBytes, toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const COLUMNS = 'state, browser, provider_id, sealed, expires_at';

const BEGIN = `INSERT INTO sso_logins (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)`;

/** The delete decides between parallel callbacks, and what does not fit deletes nothing. */
const TAKE = `
  WITH taken AS (
    DELETE FROM sso_logins
     WHERE state = $1 AND browser = $2 AND provider_id = $3 AND expires_at > $4 AND ticket IS NULL
    RETURNING ${COLUMNS}
  )
  SELECT ${COLUMNS} FROM taken`;

const PEEK = `
  SELECT ${COLUMNS} FROM sso_logins WHERE state = $1 AND provider_id = $2 AND expires_at > $3 AND ticket IS NULL`;

const ARRIVED = `
  WITH arrived AS (
    UPDATE sso_logins SET ticket = $3, outcome = $4
     WHERE state = $1 AND provider_id = $2 AND expires_at > $5 AND ticket IS NULL
    RETURNING true
  )
  SELECT true FROM arrived`;

const REDEEM = `
  WITH redeemed AS (
    DELETE FROM sso_logins WHERE ticket = $1 AND browser = $2 AND expires_at > $3 RETURNING ${COLUMNS}, outcome
  )
  SELECT ${COLUMNS}, outcome FROM redeemed`;

interface LoginRecord {
  readonly state: Buffer;
  readonly browser: Buffer;
  readonly provider_id: ProviderId;
  readonly sealed: string;
  readonly expires_at: Date;
}

export class PgSsoLoginStore extends SsoLoginStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin({ state, browser, providerId, sealed, expiresAt }: SsoLogin): Promise<void> {
    await this.database.query(BEGIN, [toBytes(state), toBytes(browser), providerId, sealed, expiresAt]);
  }

  override async take(
    state: TokenHash,
    browser: TokenHash,
    providerId: ProviderId,
    now: Date,
  ): Promise<SsoLogin | undefined> {
    const values = [toBytes(state), toBytes(browser), providerId, now];
    const [record] = await this.database.query<LoginRecord>(TAKE, values);
    return record && toLogin(record);
  }

  override async peek(state: TokenHash, providerId: ProviderId, now: Date): Promise<SsoLogin | undefined> {
    const [record] = await this.database.query<LoginRecord>(PEEK, [toBytes(state), providerId, now]);
    return record && toLogin(record);
  }

  override arrived(
    state: TokenHash,
    providerId: ProviderId,
    ticket: TokenHash,
    outcome: string,
    now: Date,
  ): Promise<boolean> {
    return this.database.succeeds(ARRIVED, [toBytes(state), providerId, toBytes(ticket), outcome, now]);
  }

  override async redeem(
    ticket: TokenHash,
    browser: TokenHash,
    now: Date,
  ): Promise<(SsoLogin & { readonly outcome: string }) | undefined> {
    const values = [toBytes(ticket), toBytes(browser), now];
    const [record] = await this.database.query<LoginRecord & { readonly outcome: string }>(REDEEM, values);
    return record && { ...toLogin(record), outcome: record.outcome };
  }
}

function toLogin(record: LoginRecord): SsoLogin {
  return {
    state: fromBytes(record.state) as TokenHash,
    browser: fromBytes(record.browser) as TokenHash,
    providerId: record.provider_id,
    sealed: record.sealed,
    expiresAt: record.expires_at,
  };
}
