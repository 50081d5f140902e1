import { type PushedRequest, PushedRequestStore } from '@gatehouse/authorization-server';
import { type ClientId, type TokenHash } from '@gatehouse/protocol';
import { toBytes } from '../base64url.js';
import { type Database } from '../database.js';

const PUSH = `INSERT INTO pushed_requests (id, client_id, parameters, expires_at) VALUES ($1, $2, $3, $4)`;

const FIND = `SELECT client_id, parameters, expires_at FROM pushed_requests WHERE id = $1 AND expires_at > $2`;

interface PushedRequestRecord {
  readonly client_id: ClientId;
  readonly parameters: PushedRequest['parameters'];
  readonly expires_at: Date;
}

/** Using a request up is the interaction store's: it happens in the statement that begins the interaction. */
export class PgPushedRequestStore extends PushedRequestStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async push({ id, clientId, parameters, expiresAt }: PushedRequest): Promise<void> {
    await this.database.query(PUSH, [toBytes(id), clientId, JSON.stringify(parameters), expiresAt]);
  }

  override async find(id: TokenHash, now: Date): Promise<PushedRequest | undefined> {
    const [record] = await this.database.query<PushedRequestRecord>(FIND, [toBytes(id), now]);
    return record && { id, clientId: record.client_id, parameters: record.parameters, expiresAt: record.expires_at };
  }
}
