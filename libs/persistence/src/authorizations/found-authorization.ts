import {
  type Authorization,
  type Client,
  type FoundAuthorization,
  type RefreshState,
  type RevocationReason,
  standingOfLine,
} from '@gatehouse/authorization-server';
import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type ResourceServerId,
  type TokenHash,
} from '@gatehouse/protocol';
import { fromBytes } from '../base64url.js';
import { knownClients, lineColumn, type LineRecord } from './lineage.js';
import { type SessionContextRecord, toSession } from './session-columns.js';
import { standingColumns, standingJoins, type StandingRecord, toStanding } from './standing.js';

export const REFRESH_COLUMNS = `family.generation, family.current_hash, family.previous_hash, family.rotated_at, family.nonce,
  family.replay_key, family.idle_expires_at`;

/** An authorization with all that decides whether its tokens live. Take `toFound` to read it. */
export const FOUND_COLUMNS = `family.id, family.client_id, family.account_id, family.resource, family.scopes,
  family.authenticated_at, family.created_at, family.expires_at, family.revoked_at, family.revocation_reason,
  ${REFRESH_COLUMNS}, family.sid, family.acr, family.amr, family.parent_id, family.dpop_jkt,
  client.origin AS client_origin, client.redirect_uris AS client_redirect_uris, resource.server_id,
  ${standingColumns('family')}, ${lineColumn('family')}`;

export const FOUND_TABLES = `authorizations family ${standingJoins('family')}`;

export interface RefreshRecord {
  readonly generation: number;
  readonly current_hash: Buffer;
  readonly previous_hash: Buffer | null;
  readonly rotated_at: Date | null;
  readonly nonce: Buffer | null;
  readonly replay_key: Buffer;
  readonly idle_expires_at: Date;
}

export type FoundRecord = StandingRecord &
  SessionContextRecord &
  LineRecord & {
    readonly id: AuthorizationId;
    readonly client_id: ClientId;
    readonly account_id: AccountId | null;
    readonly resource: ResourceIdentifier;
    readonly scopes: readonly string[];
    readonly authenticated_at: Date | null;
    readonly created_at: Date;
    readonly expires_at: Date;
    readonly revoked_at: Date | null;
    readonly revocation_reason: RevocationReason | null;
    readonly parent_id: AuthorizationId | null;
    readonly dpop_jkt: string | null;
    readonly client_origin: Client['origin'] | null;
    readonly client_redirect_uris: readonly string[] | null;
    readonly server_id: ResourceServerId | null;
  } & (RefreshRecord | { readonly current_hash: null });

export function toFound(record: FoundRecord): FoundAuthorization {
  const { line, client_id: id, client_origin: origin, client_redirect_uris: redirectUris } = record;
  const { clientScopes, ...standing } = toStanding(record);
  // Without a person it is the right of the client at the root that is handed on, not that of whoever acts for it.
  const handedOn = record.account_id === null ? (line?.at(-1)?.scopes ?? []) : standing.entitledScopes;
  return {
    authorization: toAuthorization(record),
    standing: {
      ...standing,
      ...(line ? { ancestors: standingOfLine(line), entitledScopes: handedOn } : clientScopes ? { clientScopes } : {}),
    },
    ...(record.server_id === null ? {} : { serverId: record.server_id }),
    clients: [
      ...(origin === null ? [] : [{ id, origin, redirectUris: redirectUris ?? [] }]),
      ...(line ? knownClients(line) : []),
    ],
    ancestors: (line ?? []).map(({ clientId, resource }) => ({ clientId, resource })),
  };
}

function toAuthorization(record: FoundRecord): Authorization {
  return {
    id: record.id,
    clientId: record.client_id,
    resource: record.resource,
    scopes: record.scopes,
    ...(record.account_id !== null && record.authenticated_at
      ? { accountId: record.account_id, authenticatedAt: record.authenticated_at }
      : {}),
    ...toSession(record),
    ...(record.parent_id === null ? {} : { parent: record.parent_id }),
    ...(record.dpop_jkt === null ? {} : { binding: { jkt: record.dpop_jkt } }),
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    ...(record.revoked_at && record.revocation_reason
      ? { revoked: { at: record.revoked_at, reason: record.revocation_reason } }
      : {}),
    ...(record.current_hash === null ? {} : { refresh: toRefreshState(record) }),
  };
}

export function toRefreshState(record: RefreshRecord): RefreshState {
  return {
    generation: record.generation,
    currentHash: fromBytes(record.current_hash) as TokenHash,
    ...(record.previous_hash ? { previousHash: fromBytes(record.previous_hash) as TokenHash } : {}),
    ...(record.rotated_at ? { rotatedAt: record.rotated_at } : {}),
    ...(record.nonce ? { nonce: fromBytes(record.nonce) } : {}),
    replayKey: fromBytes(record.replay_key),
    idleExpiresAt: record.idle_expires_at,
  };
}
