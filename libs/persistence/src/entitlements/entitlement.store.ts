import { EntitlementStore } from '@gatehouse/authorization-server';
import { type AccountId, type ResourceIdentifier } from '@gatehouse/protocol';
import { type Database } from '../database.js';
import { Question } from '../question.js';
import { EntitlementRow } from './entitlement.row.js';

const SCOPES_OF = `SELECT scopes FROM entitlements WHERE account_id = $1 AND resource = $2`;

export class PgEntitlementStore extends EntitlementStore {
  readonly #scopesOf: Question<[AccountId, ResourceIdentifier], { readonly scopes: readonly string[] }>;

  constructor(private readonly database: Database) {
    super();
    this.#scopesOf = new Question(database, SCOPES_OF, ['uuid', 'text']);
  }

  override async scopesOf(accountId: AccountId, resource: ResourceIdentifier): Promise<readonly string[]> {
    return (await this.#scopesOf.ask(accountId, resource))?.scopes ?? [];
  }

  override async grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void> {
    await this.database.transaction((manager) =>
      manager
        .getRepository(EntitlementRow)
        .upsert({ accountId, resource, scopes: [...scopes] }, ['accountId', 'resource']),
    );
  }
}
