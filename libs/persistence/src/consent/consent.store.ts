import { type Consent, ConsentStore } from '@gatehouse/authorization-server';
import { type AccountId, type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';
import { type Database } from '../database.js';
import { Question } from '../question.js';

const FIND = `SELECT scopes, granted_at FROM consents WHERE account_id = $1 AND client_id = $2 AND resource = $3`;

interface ConsentRecord {
  readonly scopes: readonly string[];
  readonly granted_at: Date;
}

/** Written by PgInteractionStore.approve. */
export class PgConsentStore extends ConsentStore {
  readonly #found: Question<[AccountId, ClientId, ResourceIdentifier], ConsentRecord>;

  constructor(database: Database) {
    super();
    this.#found = new Question(database, FIND, ['uuid', 'text', 'text']);
  }

  override async find(
    accountId: AccountId,
    clientId: ClientId,
    resource: ResourceIdentifier,
  ): Promise<Consent | undefined> {
    const record = await this.#found.ask(accountId, clientId, resource);
    return record && { accountId, clientId, resource, scopes: record.scopes, grantedAt: record.granted_at };
  }
}
