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
