/**
 * What an authorization was derived from, read with it: its line up to the root, as far as it is there. An authorization
 * without a parent, as nearly all are, pays for a comparison with NULL.
 */
import { type AncestorRecord, type Client, type KnownClient } from '@gatehouse/authorization-server';
import { type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';

/** A column `line`; `grant` is the alias of `authorizations`. Longer lines than can be born are cut, and so are over. */
export function lineColumn(grant: string): string {
  return `
  CASE WHEN ${grant}.parent_id IS NOT NULL THEN (
    WITH RECURSIVE line AS (
      SELECT parent_id, client_id, resource, revoked_at, 1 AS distance FROM authorizations WHERE id = ${grant}.parent_id
      UNION ALL
      SELECT above.parent_id, above.client_id, above.resource, above.revoked_at, line.distance + 1
        FROM line JOIN authorizations above ON above.id = line.parent_id
       WHERE line.distance < 8
    )
    SELECT COALESCE(jsonb_agg(jsonb_build_object(
             'clientId', line.client_id, 'resource', line.resource, 'root', line.parent_id IS NULL,
             'stands', line.revoked_at IS NULL AND party.id IS NOT NULL AND party.disabled_at IS NULL
                       AND place.identifier IS NOT NULL AND place.disabled_at IS NULL,
             'origin', party.origin, 'redirectUris', party.redirect_uris, 'scopes', party.scopes)
             ORDER BY line.distance), '[]')
      FROM line
      LEFT JOIN clients party ON party.id = line.client_id
      LEFT JOIN resources place ON place.identifier = line.resource
  ) END AS line`;
}

export interface LineRecord {
  readonly line: readonly StoredAncestor[] | null;
}

interface StoredAncestor extends AncestorRecord {
  readonly clientId: ClientId;
  readonly resource: ResourceIdentifier;
  readonly origin: Client['origin'] | null;
  readonly redirectUris: readonly string[] | null;
  readonly scopes: readonly string[] | null;
}

export function knownClients(line: readonly StoredAncestor[]): readonly KnownClient[] {
  return line.flatMap(({ clientId: id, origin, redirectUris }) =>
    origin === null ? [] : [{ id, origin, redirectUris: redirectUris ?? [] }],
  );
}
