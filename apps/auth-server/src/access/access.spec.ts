import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPEN_TO_ALL } from '@gatehouse/authorization-server';
import { aClient, aResource, memoryStores } from '@gatehouse/authorization-server/testing';
import type { ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseAccessCommand } from './access-command.js';
import { runAccess } from './run-access.js';
import { UnusablePolicy } from './unusable-policy.js';

const directory = mkdtempSync(join(tmpdir(), 'access-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
const RESOURCE = 'https://rs.example/mcp' as ResourceIdentifier;

function house() {
  const stores = memoryStores();
  const { database } = stores;
  database.resources.set(RESOURCE, aResource({ identifier: RESOURCE }));
  database.clients.set('portal' as ClientId, aClient({ id: 'portal' as ClientId, origin: 'pre-registered' }));
  const ben = database.addAccount({ displayName: 'Ben', username: 'ben' });
  const access = async (args: readonly string[], standardInput = '') =>
    runAccess(parseAccessCommand(args), {
      store: stores.access,
      resources: stores.resources,
      clients: stores.clients,
      trust: OPEN_TO_ALL,
      clock: new StoppedClock(),
      operator: 'root',
      standardInput: () => Promise.resolve(standardInput),
    });
  return { ...stores, ben, access };
}

const FILE = {
  rules: [
    { id: 'clerks', resource: RESOURCE, scopes: ['invoices:write'], groups: ['local/clerks'] },
    { id: 'ben', resource: RESOURCE, scopes: ['invoices:read'], accounts: [' BEN '], clients: ['portal'] },
  ],
};
const EXPLAIN = ['explain', '--account', 'Ben', '--client', 'portal', '--resource', RESOURCE];

describe('the access command', () => {
  it('applies a file, dry first, and lists what stands', async () => {
    const { access } = house();
    const file = join(directory, 'policy.json');
    writeFileSync(file, JSON.stringify(FILE));
    expect((await access(['list'])).output).toBe('no rules: only what was granted by name counts');
    expect((await access(['apply', file, '--dry-run'])).output).toContain(
      'ben: would be added\nclerks: would be added',
    );
    expect((await access(['list'])).output).toMatch(/^no rules/);
    expect(await access(['apply', file])).toEqual({
      output: 'ben: added\nclerks: added\ntakes nothing from anybody',
      warnings: ['clerks: nobody is in local/clerks now'],
    });
    expect((await access(['apply', '-'], JSON.stringify(FILE))).output).toBe('nothing changes');
    expect((await access(['list'])).output).toContain('whoever is named ben, through portal');
  });

  it('prints as JSON what can be applied again', async () => {
    const { access } = house();
    await access(['apply', '-'], JSON.stringify(FILE));
    const { output } = await access(['list', '--json']);
    expect(JSON.parse(output)).toMatchObject({ rules: [{ id: 'ben', accounts: ['ben'] }, { id: 'clerks' }] });
    expect((await access(['apply', '-'], output)).output).toBe('nothing changes');
  });

  it('says from whom a change takes something', async () => {
    const { access } = house();
    await access(['apply', '-'], JSON.stringify(FILE));
    await access(['groups', 'add', 'ben', 'local/clerks']);
    const { output } = await access(['apply', '-'], JSON.stringify({ rules: [] }));
    expect(output).toBe(
      `ben: removed\nclerks: removed\ntakes something from 1 person:\n  ben: invoices:read invoices:write at ${RESOURCE}`,
    );
  });

  it('explains each rule, what was granted by name, and the result', async () => {
    const { access, database, ben } = house();
    await access(['apply', '-'], JSON.stringify(FILE));
    database.entitlements.set(`${ben} ${RESOURCE}`, ['invoices:refund']);
    expect((await access(EXPLAIN)).output).toBe(
      [
        'account Ben; groups: none',
        'client portal: pre-registered',
        `resource ${RESOURCE}`,
        'rule ben: matches: invoices:read',
        '  for whoever is named ben, through portal',
        'rule clerks: does not match',
        '  for whoever is in local/clerks, through any client',
        '  the account is in none of its groups',
        'granted by name: invoices:refund',
        'result: invoices:read invoices:refund',
      ].join('\n'),
    );
    await access(['groups', 'add', 'ben', 'local/clerks']);
    expect((await access(['groups', 'list', 'ben'])).output).toBe('local/clerks');
    const told = JSON.parse((await access([...EXPLAIN, '--json'])).output) as unknown;
    expect(told).toMatchObject({
      groups: ['local/clerks'],
      rules: [
        { id: 'ben', matches: true },
        { id: 'clerks', matches: true, misses: [] },
      ],
      scopes: ['invoices:read', 'invoices:write', 'invoices:refund'],
    });
  });

  it('explains that a stranger gets nothing', async () => {
    const { access } = house();
    const stranger = EXPLAIN.map((each) => (each === 'Ben' ? 'nobody' : each));
    expect((await access(stranger)).output).toContain(
      'nothing may be handed on: there is no such account\nresult: nothing',
    );
  });

  it('applies nothing of a file in which anything is wrong, and says everything that is', async () => {
    const { access, database } = house();
    const [clerks, ben] = FILE.rules;
    const wrong = [
      { rules: [clerks, { ...ben, scopes: ['invoices:wipe'] }, { ...ben, id: 'x', accounts: ['nobody'] }] },
      { rules: [clerks, clerks] },
      { rules: [{ ...clerks, groups: undefined }] },
      { rule: [] },
    ];
    for (const file of wrong)
      await expect(access(['apply', '-'], JSON.stringify(file))).rejects.toThrow(UnusablePolicy);
    await expect(access(['apply', '-'], JSON.stringify(wrong[0]))).rejects.toThrow(/ben: scopes[^]*x: accounts/);
    await expect(access(['apply', '-'], JSON.stringify(wrong[2]))).rejects.toThrow(/clerks: needs groups or accounts/);
    await expect(access(['apply', '-'], '{')).rejects.toThrow('The file is not JSON.');
    await expect(access(['apply', join(directory, 'missing.json')])).rejects.toThrow(/cannot be read/);
    expect(database.accessRules.size).toBe(0);
  });

  it('changes local groups only', async () => {
    const { access } = house();
    await expect(access(['groups', 'add', 'ben', 'okta/finance'])).rejects.toThrow(/only groups called local/);
    await expect(access(['groups', 'add', 'nobody', 'local/x'])).rejects.toThrow('there is no such account');
    expect((await access(['groups', 'remove', 'ben', 'local/x'])).output).toBe('ben: local/x: unchanged');
  });

  it.each([
    [[]],
    [['list', 'more']],
    [['list', '--dry-run']],
    [['apply']],
    [['apply', 'a', 'b']],
    [['explain']],
    [['explain', '--account', 'ben', '--client', 'portal']],
    [['list', '--account', 'ben']],
    [['groups', 'add', 'ben']],
    [['groups', 'list', 'ben', 'local/x']],
    [['groups', 'grow', 'ben', 'local/x']],
    [['list', '--force']],
  ])('answers %j with its usage', (args) => {
    expect(() => parseAccessCommand(args)).toThrow(/^usage:\naccess list/);
  });
});
