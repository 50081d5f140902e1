import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AesGcmKeyVault, PreRegistration, Secrets } from '@gatehouse/authorization-server';
import { SigningClient, aResource, memoryStores } from '@gatehouse/authorization-server/testing';
import type { ClientId } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseClientsCommand } from './clients-command.js';
import { runClients } from './run-clients.js';
import { UnusableClients } from './unusable-clients.js';

const directory = mkdtempSync(join(tmpdir(), 'clients-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function house() {
  const stores = memoryStores();
  const resource = aResource();
  stores.database.resources.set(resource.identifier, resource);
  const clock = new StoppedClock();
  const secrets = new Secrets(new AesGcmKeyVault([randomBytes(32)]));
  const operator = new PreRegistration({
    policy: { redirectSchemes: [] },
    clock,
    store: stores.preRegistration,
    secrets,
  });
  const clients = (args: readonly string[], standardInput = '') =>
    runClients(parseClientsCommand(args), {
      operator,
      resources: stores.resources,
      redirectSchemes: [],
      standardInput: () => Promise.resolve(standardInput),
    });
  return { ...stores, clock, secrets, clients };
}

const CREATE = [
  ...['create', 'nightly-report', '--name', 'Nightly report', '--grant', 'client_credentials'],
  ...['--auth', 'client_secret_basic', '--scope', 'invoices:read', '--json'],
];
const FILE = {
  clients: [
    {
      client_id: 'nightly-report',
      client_name: 'Nightly report',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
      scopes: ['invoices:read'],
    },
    {
      client_id: 'portal',
      client_name: 'Portal',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://portal.example/cb'],
    },
  ],
};

describe('the clients command', () => {
  it('creates a client and shows its secret this once', async () => {
    const { database, secrets, clock, clients } = house();
    const { output, succeeded } = await clients(CREATE);
    expect(succeeded).toBe(true);
    const [created] = JSON.parse(output) as { client_id: string; client_secret: string }[];
    expect(created).toEqual({ client_id: 'nightly-report', outcome: 'created', client_secret: expect.any(String) });
    const stored = database.clients.get('nightly-report' as ClientId);
    expect(secrets.match(created!.client_secret, stored!.secrets, clock.now())).toBe('match');
    for (const args of [['list'], ['list', '--json'], ['show', 'nightly-report']]) {
      const later = (await clients(args)).output;
      expect(later).toContain('nightly-report');
      expect(later).not.toContain(created!.client_secret);
      expect(later).not.toContain(stored!.secrets[0]!.hash);
    }
  });

  it('creates a client that signs from a file with its public keys, and refuses the private ones', async () => {
    const { clients } = house();
    const { publicJwk } = await SigningClient.create();
    const [open, secret] = [join(directory, 'public.json'), join(directory, 'private.json')];
    writeFileSync(open, JSON.stringify({ keys: [publicJwk] }));
    writeFileSync(secret, JSON.stringify({ keys: [{ ...publicJwk, d: 'hunter2' }] }));
    const args = CREATE.map((arg) => (arg === 'client_secret_basic' ? 'private_key_jwt' : arg));
    await expect(clients([...args, '--jwks', secret])).rejects.toThrow(UnusableClients);
    expect(JSON.parse((await clients([...args, '--jwks', open])).output)).toEqual([
      { client_id: 'nightly-report', outcome: 'created' },
    ]);
  });

  it('creates a client that gets no token without a proof, and shows it as such', async () => {
    const { clients } = house();
    await clients([...CREATE, '--dpop-bound']);
    expect(JSON.parse((await clients(['show', 'nightly-report'])).output)).toMatchObject({
      dpop_bound_access_tokens: true,
    });
  });

  it('applies a file: creates, then finds nothing to do, then changes and disables', async () => {
    const { database, clients } = house();
    const apply = async (file: object) =>
      (JSON.parse((await clients(['apply', '-', '--json'], JSON.stringify(file))).output) as { outcome: string }[]).map(
        ({ outcome }) => outcome,
      );
    expect(await apply(FILE)).toEqual(['created', 'created']);
    expect(await apply(FILE)).toEqual(['unchanged', 'unchanged']);
    const [report, portal] = FILE.clients;
    expect(await apply({ clients: [{ ...report, disabled: true }, portal] })).toEqual(['changed', 'unchanged']);
    expect(database.clients.get('nightly-report' as ClientId)?.disabledAt).toBeInstanceOf(Date);
    expect((await clients(['list'])).output).toMatch(/nightly-report .* disabled\nportal .* active/);
  });

  it('applies nothing of a file in which anything is wrong, and says everything that is', async () => {
    const { database, clients } = house();
    const [report, portal] = FILE.clients;
    const wrong = [
      { clients: [report, { ...portal, redirect_uris: [] }, { ...portal, client_id: 'x' }] },
      { clients: [report, { ...portal, redirect_uris: ['http://portal.example/cb'] }] },
      { clients: [report, report] },
      { clients: [{ ...report, client_secret: 'hunter2' }] },
      { client: [] },
      [],
    ];
    for (const file of wrong)
      await expect(clients(['apply', '-'], JSON.stringify(file))).rejects.toThrow(UnusableClients);
    await expect(clients(['apply', '-'], JSON.stringify(wrong[0]))).rejects.toThrow(
      /portal: redirect_uris: are needed[^]*x: client_id/,
    );
    await expect(clients(['apply', '-'], 'hunter2')).rejects.toThrow('The file is not JSON.');
    await expect(clients(['apply', join(directory, 'missing.json')])).rejects.toThrow(/cannot be read/);
    expect(database.clients.size).toBe(0);
  });

  it('gives a new secret beside the old one', async () => {
    const { database, secrets, clock, clients } = house();
    const [created] = JSON.parse((await clients(CREATE)).output) as { client_secret: string }[];
    const { output } = await clients(['rotate-secret', 'nightly-report', '--overlap', '60']);
    const next = /ghs_\S+/.exec(output)![0];
    const stored = () => database.clients.get('nightly-report' as ClientId)!.secrets;
    for (const secret of [created!.client_secret, next])
      expect(secrets.match(secret, stored(), clock.now())).toBe('match');
    clock.advance(60);
    expect(secrets.match(created!.client_secret, stored(), clock.now())).toBe('expired');
  });

  it('fails for clients that are not there, and for ids of clients that registered themselves', async () => {
    const { database, clients } = house();
    for (const verb of ['disable', 'enable', 'rotate-secret'])
      expect(await clients([verb, 'nobody'])).toMatchObject({
        succeeded: false,
        warnings: ['nobody: there is no such client'],
      });
    await expect(clients(['show', 'nobody'])).rejects.toThrow(UnusableClients);
    await clients(CREATE);
    expect(await clients(CREATE)).toMatchObject({ succeeded: false });
    expect(database.clients.size).toBe(1);
  });

  it('warns of a scope that no resource has', async () => {
    const { clients } = house();
    const { warnings, succeeded } = await clients(
      CREATE.map((arg) => (arg === 'invoices:read' ? 'invoices:raed' : arg)),
    );
    expect(warnings).toEqual(['nightly-report: no resource has the scope invoices:raed']);
    expect(succeeded).toBe(true);
  });

  it('declares what a client may exchange, shows it again, and warns of names that nothing has', async () => {
    const { clients, resources } = house();
    const { identifier } = (await resources.list())[0]!;
    const rule = { from: identifier, to: identifier, scopes: { 'invoices:read': 'invoices:read' } };
    const elsewhere = { from: identifier, to: 'https://gone.example/mcp', scopes: { 'x:read': 'invoices:raed' } };
    const exchanges = [{ ...rule, accepts_bound_tokens: true }, elsewhere];
    const grant_types = ['urn:ietf:params:oauth:grant-type:token-exchange'];
    const gateway = { ...FILE.clients[0], client_id: 'gateway', grant_types, scopes: undefined, exchanges };
    const file = JSON.stringify({ clients: [gateway] });
    const { succeeded, warnings } = await clients(['apply', '-'], file);
    expect(succeeded).toBe(true);
    expect(warnings).toEqual([
      `gateway: exchanges: ${identifier} has no scope invoices:raed`,
      'gateway: exchanges: there is no resource https://gone.example/mcp',
    ]);
    expect(JSON.parse((await clients(['show', 'gateway'])).output)).toMatchObject({ grant_types, exchanges });
    expect((await clients(['apply', '-'], file)).output).toContain('gateway: unchanged');
  });

  it.each([
    [[]],
    [['destroy', 'x']],
    [['list', 'x']],
    [['show']],
    [['show', 'x', 'y']],
    [['show', 'x', '--name', 'y']],
    [['list', '--overlap', '5']],
    [['create', 'x', '--secret', 'y']],
    [['rotate-secret', 'x', '--overlap', '-5']],
    [['rotate-secret', 'x', '--overlap', '99999999']],
  ])('does not guess what %j means', (args) => {
    expect(() => parseClientsCommand(args)).toThrow(UnusableClients);
  });
});
