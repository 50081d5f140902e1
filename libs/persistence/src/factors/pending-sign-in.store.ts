import { type PendingSignIn, PendingSignInStore, type Place } from '@gatehouse/identity';
import { type AccountId } from '@gatehouse/protocol';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const BEGIN = `
  INSERT INTO pending_sign_ins (place, browser, account_id, challenge, expires_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (place, browser) DO UPDATE
     SET account_id = excluded.account_id, challenge = excluded.challenge, expires_at = excluded.expires_at
  RETURNING true`;

const FIND = `
  SELECT pending.account_id, pending.challenge, pending.expires_at
    FROM pending_sign_ins pending
    LEFT JOIN accounts account ON account.id = pending.account_id
   WHERE pending.place = $1 AND pending.browser = $2 AND pending.expires_at > $3
     AND (pending.account_id IS NULL OR account.disabled_at IS NULL AND account.id IS NOT NULL)`;

const TAKE = `
  DELETE FROM pending_sign_ins WHERE place = $1 AND browser = $2 AND challenge = $3 AND expires_at > $4 RETURNING true`;

export class PgPendingSignInStore extends PendingSignInStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin({ place, browser, accountId, challenge, expiresAt }: PendingSignIn): Promise<void> {
    await this.database.query(BEGIN, [toBytes(place), toBytes(browser), accountId, challenge, expiresAt]);
  }

  override async find({ place, browser }: Place, now: Date): Promise<PendingSignIn | undefined> {
    const [found] = await this.database.query<{
      readonly account_id: AccountId | null;
      readonly challenge: string;
      readonly expires_at: Date;
    }>(FIND, [toBytes(place), toBytes(browser), now]);
    return (
      found && {
        place,
        browser,
        challenge: found.challenge,
        expiresAt: found.expires_at,
        ...(found.account_id === null ? {} : { accountId: found.account_id }),
      }
    );
  }

  override async take({ place, browser, challenge }: PendingSignIn, now: Date): Promise<boolean> {
    return this.database.succeeds(TAKE, [toBytes(place), toBytes(browser), challenge, now]);
  }
}
