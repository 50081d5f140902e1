import { type Authorization } from '@gatehouse/authorization-server';
import { toBytes } from '../base64url.js';
import { sessionValues } from './session-columns.js';

/** Columns that joined the first fifteen values, with their types. */
const ADDED = [
  ['sid', 'uuid'],
  ['acr', 'text'],
  ['amr', 'text[]'],
  ['parent_id', 'uuid'],
  ['dpop_jkt', 'text'],
] as const;

/** How many parameters `birthValues` fills. */
export const BIRTH_VALUES = 15 + ADDED.length;

/**
 * Part of a statement: stores an authorization once for each row of `source`, so for none when nothing was redeemed. Its
 * values (birthValues) are the parameters from `$first` on, the id being the first.
 */
export function insertAuthorization(source: string, first: number): string {
  const value = (index: number): string => `$${first + index}`;
  return `
    INSERT INTO authorizations (
      id, account_id, authenticated_at, created_at, expires_at, client_id, resource, scopes, replay_key, ends_on,
      generation, rotated_at, idle_expires_at, current_hash, previous_hash, nonce,
      ${ADDED.map(([column]) => column).join(', ')})
    SELECT ${value(0)}, ${value(1)}::uuid, ${value(2)}::timestamptz, ${value(3)}::timestamptz, ${value(4)}::timestamptz,
           ${value(5)}::text, ${value(6)}::text, ${value(7)}::text[], ${value(8)}::bytea,
           (LEAST(${value(4)}::timestamptz, ${value(11)}::timestamptz) AT TIME ZONE 'UTC')::date,
           ${value(9)}::integer, ${value(10)}::timestamptz, ${value(11)}::timestamptz, ${value(12)}::bytea,
           ${value(13)}::bytea, ${value(14)}::bytea,
           ${ADDED.map(([, type], index) => `${value(15 + index)}::${type}`).join(', ')}
      FROM ${source}`;
}

export function birthValues(birth: Authorization): readonly unknown[] {
  const { refresh } = birth;
  return [
    birth.id,
    birth.accountId,
    birth.authenticatedAt,
    birth.createdAt,
    birth.expiresAt,
    birth.clientId,
    birth.resource,
    birth.scopes,
    refresh && toBytes(refresh.replayKey),
    refresh?.generation,
    refresh?.rotatedAt,
    refresh?.idleExpiresAt,
    refresh && toBytes(refresh.currentHash),
    refresh?.previousHash && toBytes(refresh.previousHash),
    refresh?.nonce && toBytes(refresh.nonce),
    ...sessionValues(birth.session),
    birth.parent,
    birth.binding?.jkt,
  ];
}
