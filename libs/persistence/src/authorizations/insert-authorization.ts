import { type Authorization } from '@gatehouse/authorization-server';
import { type Columns, toRecord, typed } from '../act.js';
import { toBytes } from '../base64url.js';
import { sessionValues } from './session-columns.js';

/** In the order of `birthValues`. */
const COLUMNS: Columns = [
  ['id', 'uuid'],
  ['account_id', 'uuid'],
  ['authenticated_at', 'timestamptz'],
  ['created_at', 'timestamptz'],
  ['expires_at', 'timestamptz'],
  ['client_id', 'text'],
  ['resource', 'text'],
  ['scopes', 'text[]'],
  ['replay_key', 'bytea'],
  ['generation', 'integer'],
  ['rotated_at', 'timestamptz'],
  ['idle_expires_at', 'timestamptz'],
  ['current_hash', 'bytea'],
  ['previous_hash', 'bytea'],
  ['nonce', 'bytea'],
  ['sid', 'uuid'],
  ['acr', 'text'],
  ['amr', 'text[]'],
  ['parent_id', 'uuid'],
  ['dpop_jkt', 'text'],
];
const NAMES = COLUMNS.map(([name]) => name).join(', ');

/** How many parameters `birthValues` fills. */
export const BIRTH_VALUES = COLUMNS.length;

const endsOn = (expiresAt: string, idleExpiresAt: string): string =>
  `(LEAST(${expiresAt}, ${idleExpiresAt}) AT TIME ZONE 'UTC')::date`;

/**
 * Part of a statement: stores an authorization once for each row of `source`, so for none when nothing was redeemed. Its
 * values (birthValues) are the parameters from `$first` on, the id being the first.
 */
export function insertAuthorization(source: string, first: number): string {
  const values = COLUMNS.map(([, type], index) => `$${first + index}::${type}`);
  const valueOf = (name: string): string => values[COLUMNS.findIndex(([column]) => column === name)] ?? '';
  return `
    INSERT INTO authorizations (${NAMES}, ends_on)
    SELECT ${values.join(', ')}, ${endsOn(valueOf('expires_at'), valueOf('idle_expires_at'))}
      FROM ${source}`;
}

/** The same in a statement about many: `source` has each authorization as JSON (birthRecord) in a column `birth`. */
export function insertAuthorizations(source: string): string {
  return `
    INSERT INTO authorizations (${NAMES}, ends_on)
    SELECT ${COLUMNS.map(([name]) => `birth.${name}`).join(', ')}, ${endsOn('birth.expires_at', 'birth.idle_expires_at')}
      FROM ${source} CROSS JOIN LATERAL json_to_record(birth) AS birth (${typed(COLUMNS)})`;
}

export function birthRecord(birth: Authorization): object {
  return toRecord(COLUMNS, birthValues(birth));
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
