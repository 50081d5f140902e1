import { type AuditEvent } from '@gatehouse/audit';
import {
  type ProtectedResource,
  type ResourceServer,
  ResourceStore,
  type SecretRenewal,
} from '@gatehouse/authorization-server';
import { type ResourceIdentifier, type ResourceServerId } from '@gatehouse/protocol';
import { auditValues, insertAuditEvent } from '../audit/insert-audit-event.js';
import { type StoredSecret } from '../clients/client.row.js';
import { fromStoredSecrets, renewSecretIn, toStoredSecrets } from '../clients/stored-secrets.js';
import { type Database } from '../database.js';
import { Gathering } from '../gathering.js';
import { Question } from '../question.js';
import { ResourceServerRow } from './resource-server.row.js';

/** With a parameter, for only such statements are prepared. */
const LIST = `
  SELECT identifier, name, scopes, default_scopes, server_id, disabled_at FROM resources WHERE $1 ORDER BY identifier`;

const FIND_SERVER = `SELECT secrets, disabled_at FROM resource_servers WHERE id = $1`;

const PUBLISH = `
  WITH published AS (
    INSERT INTO resources (identifier, name, scopes, default_scopes, server_id, disabled_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (identifier) DO UPDATE
       SET name = excluded.name, scopes = excluded.scopes, default_scopes = excluded.default_scopes,
           server_id = excluded.server_id, disabled_at = excluded.disabled_at
    RETURNING true
  ), recorded AS (${insertAuditEvent('published', 7)})
  SELECT true FROM published`;

/** Of several replicas that start at once one changes the row, and the others find it changed. */
const ENSURE = `
  WITH server AS (
    INSERT INTO resource_servers (id, secrets) VALUES ($5, '[]')
    ON CONFLICT (id) DO UPDATE SET secrets = '[]' WHERE resource_servers.secrets <> '[]'
  ), ensured AS (
    INSERT INTO resources (identifier, name, scopes, default_scopes, server_id)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (identifier) DO UPDATE
       SET name = excluded.name, scopes = excluded.scopes, default_scopes = excluded.default_scopes,
           server_id = excluded.server_id
     WHERE (resources.name, resources.scopes, resources.default_scopes, resources.server_id)
           IS DISTINCT FROM (excluded.name, excluded.scopes, excluded.default_scopes, excluded.server_id)
    RETURNING true
  ), recorded AS (${insertAuditEvent('ensured', 6)})
  SELECT true FROM ensured`;

const RENEW_SERVER_SECRET = renewSecretIn('resource_servers');

interface ServerRecord {
  readonly secrets: readonly StoredSecret[];
  readonly disabled_at: Date | null;
}

interface ResourceRecord {
  readonly identifier: ResourceIdentifier;
  readonly name: string;
  readonly scopes: ProtectedResource['scopes'];
  readonly default_scopes: readonly string[];
  readonly server_id: ResourceServerId;
  readonly disabled_at: Date | null;
}

/** Without a cache: requests that ask at one moment share an answer, and a resource that an operator disables is gone at once. */
export class PgResourceStore extends ResourceStore {
  readonly #list: Gathering<'list', readonly ProtectedResource[]>;
  readonly #serverById: Question<[ResourceServerId], ServerRecord>;

  constructor(private readonly database: Database) {
    super();
    this.#list = new Gathering<'list', readonly ProtectedResource[]>({
      keyOf: (all) => all,
      equal: 'share',
      ask: async () => [(await database.query<ResourceRecord>(LIST, [true])).map(toResource)],
    });
    this.#serverById = new Question(database, FIND_SERVER, ['text']);
  }

  override async list(): Promise<readonly ProtectedResource[]> {
    return this.#list.ask('list');
  }

  override async findServer(id: ResourceServerId): Promise<ResourceServer | undefined> {
    const record = await this.#serverById.ask(id);
    return (
      record && {
        id,
        secrets: fromStoredSecrets(record.secrets),
        ...(record.disabled_at && { disabledAt: record.disabled_at }),
      }
    );
  }

  override async publish(resource: ProtectedResource, audit: AuditEvent): Promise<void> {
    await this.database.query(PUBLISH, [
      resource.identifier,
      resource.name,
      JSON.stringify(resource.scopes),
      resource.defaultScopes,
      resource.serverId,
      resource.disabledAt,
      ...auditValues(audit),
    ]);
  }

  override ensure(resource: ProtectedResource, audit: AuditEvent): Promise<boolean> {
    const { identifier, name, scopes, defaultScopes, serverId } = resource;
    const values = [identifier, name, JSON.stringify(scopes), defaultScopes, serverId];
    return this.database.succeeds(ENSURE, [...values, ...auditValues(audit)]);
  }

  override async publishServer(server: ResourceServer): Promise<void> {
    await this.database.transaction((manager) =>
      manager
        .getRepository(ResourceServerRow)
        .upsert({ id: server.id, secrets: toStoredSecrets(server.secrets), disabledAt: server.disabledAt ?? null }, [
          'id',
        ]),
    );
  }

  override renewServerSecret(id: ResourceServerId, { from, to }: SecretRenewal): Promise<boolean> {
    return this.database.succeeds(RENEW_SERVER_SECRET, [id, from, to]);
  }
}

function toResource(record: ResourceRecord): ProtectedResource {
  return {
    identifier: record.identifier,
    name: record.name,
    scopes: record.scopes,
    defaultScopes: record.default_scopes,
    serverId: record.server_id,
    ...(record.disabled_at && { disabledAt: record.disabled_at }),
  };
}
