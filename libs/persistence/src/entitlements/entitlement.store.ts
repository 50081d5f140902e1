import { EntitlementStore } from '@gatehouse/authorization-server';
import { type AccountId, type ResourceIdentifier } from '@gatehouse/protocol';
import { type Database } from '../database.js';
import { EntitlementRow } from './entitlement.row.js';

const SCOPES_OF = `SELECT scopes FROM entitlements WHERE account_id = $1 AND resource = $2`;

export class PgEntitlementStore extends EntitlementStore {
  constructor(private readonly database: Database) {
    super();
  }

  override async scopesOf(accountId: AccountId, resource: ResourceIdentifier): Promise<readonly string[]> {
    const [record] = await this.database.query<{ readonly scopes: readonly string[] }>(SCOPES_OF, [
      accountId,
      resource,
    ]);
    return record?.scopes ?? [];
  }

  override async grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void> {
    await this.database.transaction((manager) =>
      manager
        .getRepository(EntitlementRow)
        .upsert({ accountId, resource, scopes: [...scopes] }, ['accountId', 'resource']),
    );
  }
}
