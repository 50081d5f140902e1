import { EntitlementStore, type Receiver } from '@gatehouse/authorization-server';
import { type AccountId, type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';
import { rulesJoin } from '../access/rules-join.js';
import { type Database } from '../database.js';
import { Question } from '../question.js';
import { EntitlementRow } from './entitlement.row.js';

const SCOPES_OF = `
  SELECT entitlement.scopes, ruled.scopes AS ruled_scopes, ruled.scopes_if_verified
    FROM (SELECT $1::uuid AS account_id, $2::text AS client_id, $3::text AS resource) who
    LEFT JOIN entitlements entitlement
           ON entitlement.account_id = who.account_id AND entitlement.resource = who.resource
    LEFT JOIN clients client ON client.id = who.client_id
    ${rulesJoin('ruled', { account: 'who.account_id', client: 'who.client_id', origin: 'client.origin', resource: 'who.resource' })}`;

interface EntitledRecord {
  readonly scopes: readonly string[] | null;
  readonly ruled_scopes: readonly string[] | null;
  readonly scopes_if_verified: readonly string[] | null;
}

export class PgEntitlementStore extends EntitlementStore {
  readonly #scopesOf: Question<[AccountId, ClientId, ResourceIdentifier], EntitledRecord>;

  constructor(private readonly database: Database) {
    super();
    this.#scopesOf = new Question(database, SCOPES_OF, ['uuid', 'text', 'text']);
  }

  override async scopesOf(
    accountId: AccountId,
    client: Receiver,
    resource: ResourceIdentifier,
  ): Promise<readonly string[]> {
    const record = await this.#scopesOf.ask(accountId, client.id, resource);
    const ifVerified = client.verified ? (record?.scopes_if_verified ?? []) : [];
    return [...new Set([...(record?.scopes ?? []), ...(record?.ruled_scopes ?? []), ...ifVerified])];
  }

  override async grant(accountId: AccountId, resource: ResourceIdentifier, scopes: readonly string[]): Promise<void> {
    await this.database.transaction((manager) =>
      manager
        .getRepository(EntitlementRow)
        .upsert({ accountId, resource, scopes: [...scopes] }, ['accountId', 'resource']),
    );
  }
}
