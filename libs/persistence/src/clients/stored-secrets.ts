import { type ClientSecret } from '@gatehouse/authorization-server';
import { type SecretHash } from '@gatehouse/protocol';
import { type StoredSecret } from './client.row.js';

export function toStoredSecrets(secrets: readonly ClientSecret[]): StoredSecret[] {
  return secrets.map(({ hash, expiresAt }) => ({ hash, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) }));
}

export function fromStoredSecrets(secrets: readonly StoredSecret[]): readonly ClientSecret[] {
  return secrets.map(({ hash, expiresAt }) => ({
    hash: hash as SecretHash,
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  }));
}

/**
 * Puts the hash `$3` in the place of `$2`, in whatever the row holds by then: a statement that waited for a change of the
 * secrets looks at them anew.
 */
export function renewSecretIn(table: 'clients' | 'resource_servers'): string {
  return `
  WITH renewed AS (
    UPDATE ${table}
       SET secrets = (
         SELECT jsonb_agg(CASE WHEN secret ->> 'hash' = $2 THEN jsonb_set(secret, '{hash}', to_jsonb($3::text)) ELSE secret END
                          ORDER BY position)
           FROM jsonb_array_elements(secrets) WITH ORDINALITY AS stored (secret, position))
     WHERE id = $1 AND secrets @> jsonb_build_array(jsonb_build_object('hash', $2::text))
    RETURNING true
  )
  SELECT true FROM renewed`;
}
