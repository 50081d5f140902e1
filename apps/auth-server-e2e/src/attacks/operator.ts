/**
 * The operator of the house, behind the scenes: accounts, a resource and a resource server of the attacks' own, made with
 * the product's seed command, and the switch that disables, for which there is no API yet.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { type StackAccount, workspaceRoot } from '@gatehouse/test-kit';
import { stack } from '../flows/house.js';

const ARCHIVE = 'http://127.0.0.1:9/archive/mcp';
const secret = randomBytes(32).toString('base64url');
const password = randomBytes(18).toString('base64url');

/** A resource whose server nobody has started: what counts is what the authorization server says about it. */
export interface Archive {
  readonly resource: string;
  readonly server: { readonly id: string; readonly secret: string };
  /** May read and write in the archive, and nothing elsewhere. */
  readonly archivist: StackAccount;
}

/** May be called again: the password and the secret are then the newer ones. */
export function openArchive(): Archive {
  const server = { id: 'attacked-archive', secret };
  const archivist = { username: 'archivist', password };
  const scopes = ['archive:read', 'archive:write'];
  const input = {
    resources: [
      {
        identifier: ARCHIVE,
        name: 'Archive',
        scopes: scopes.map((name) => ({ name, description: `May ${name}` })),
        defaultScopes: ['archive:read'],
      },
    ],
    resourceServer: server,
    accounts: [{ ...archivist, displayName: 'The archivist', entitlements: { [ARCHIVE]: scopes } }],
  };
  const { status, stderr } = seedCommand(input);
  if (status !== 0) throw new Error(`the seed command failed:\n${stderr}`);
  return { resource: ARCHIVE, server, archivist };
}

/** What the command says of an input, good or bad. */
export function seedCommand(input: unknown): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, [join(workspaceRoot(), 'dist/apps/auth-server/seed.js')], {
    cwd: workspaceRoot(),
    env: { PATH: process.env['PATH'] ?? '', ...stack.environment?.['auth-server'] },
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
}

const KEYS = { clients: 'id', accounts: 'username', resources: 'identifier', resource_servers: 'id' } as const;

/** Runs `run` while the record is disabled. */
export async function whileDisabled(table: keyof typeof KEYS, key: string, run: () => Promise<void>): Promise<void> {
  const set = async (to: 'now()' | 'NULL'): Promise<void> => {
    const { rowCount } = await execute(`UPDATE ${table} SET disabled_at = ${to} WHERE ${KEYS[table]} = $1`, [key]);
    if (rowCount !== 1) throw new Error(`there is no ${key} in ${table}`);
  };
  await set('now()');
  try {
    await run();
  } finally {
    await set('NULL');
  }
}

/** Takes back a person's rights at a resource while `run` runs. */
export async function whileStripped(username: string, resource: string, run: () => Promise<void>): Promise<void> {
  const where = 'resource = $2 AND account_id = (SELECT id FROM accounts WHERE username = $1)';
  const { rows } = await execute(`SELECT scopes FROM entitlements WHERE ${where}`, [username, resource]);
  const set = (scopes: unknown) =>
    execute(`UPDATE entitlements SET scopes = $3 WHERE ${where}`, [username, resource, scopes]);
  await set([]);
  try {
    await run();
  } finally {
    await set((rows[0] as { scopes: unknown }).scopes);
  }
}

/** Why this client's authorization requests came to nothing, from the audit, oldest first. */
export async function denials(clientId: string): Promise<readonly string[]> {
  const { rows } = await execute(
    `SELECT reason FROM audit_events WHERE client_id = $1 AND type = 'consent.denied' ORDER BY id`,
    [clientId],
  );
  return (rows as { reason: string }[]).map(({ reason }) => reason);
}

/** Clients in quarantine. */
export async function unusedClients(): Promise<number> {
  const { rows } = await execute(
    `SELECT count(*)::integer AS clients FROM client_registrations WHERE unused_since IS NOT NULL`,
    [],
  );
  return (rows as { clients: number }[])[0]?.clients ?? 0;
}

async function execute(text: string, values: unknown[]) {
  const database = new Client({ connectionString: stack.database });
  await database.connect();
  try {
    return await database.query(text, values);
  } finally {
    await database.end();
  }
}
