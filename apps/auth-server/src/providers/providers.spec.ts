import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRegistration, Connectors, ProviderRegistry, SsoProblem, UpstreamFetch } from '@gatehouse/identity';
import {
  MemoryAccountStore,
  MemoryIdentityProviderStore,
  StoppedClock,
  TransparentPasswordHasher,
  TransparentVault,
} from '@gatehouse/identity/testing';
import { OidcConnector } from '@gatehouse/sso';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseProvidersCommand } from './providers-command.js';
import { runProviders } from './run-providers.js';
import { UnusableProviders } from './unusable-providers.js';

class NoFetch extends UpstreamFetch {
  override fetch(): Promise<never> {
    return Promise.reject(new SsoProblem('provider_unavailable', new Error('unreachable')));
  }
}

const directory = mkdtempSync(join(tmpdir(), 'providers-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const OKTA = {
  id: 'okta',
  kind: 'oidc',
  name: 'Okta',
  domains: ['corp.example'],
  just_in_time: true,
  settings: { issuer: 'https://corp.okta.com', client_id: 'house' },
  secrets: { client_secret: 'hunter2' },
};

describe('the providers command', () => {
  let store: MemoryIdentityProviderStore;
  let accounts: MemoryAccountStore;
  let clock: StoppedClock;
  beforeEach(() => {
    store = new MemoryIdentityProviderStore();
    accounts = new MemoryAccountStore();
    clock = new StoppedClock();
  });

  const run = (args: readonly string[], input: object | string = '') => {
    const connectors = new Connectors([new OidcConnector({ fetch: new NoFetch(), clock, loopback: false })]);
    return runProviders(parseProvidersCommand(args), {
      registry: new ProviderRegistry({ store, connectors, vault: new TransparentVault(), clock }),
      accounts,
      clock,
      standardInput: () => Promise.resolve(typeof input === 'string' ? input : JSON.stringify(input)),
    });
  };
  const apply = (...providers: object[]) => run(['apply', '-'], { providers });

  it('creates a provider, finds nothing to do, changes, disables, enables and removes it, each with its event', async () => {
    expect(await apply(OKTA)).toEqual({ output: 'okta: created', succeeded: true });
    expect(await apply(OKTA)).toEqual({ output: 'okta: unchanged', succeeded: true });
    const { secrets: _, ...without } = OKTA;
    expect((await apply(without)).output).toBe('okta: unchanged');
    expect((await apply({ ...OKTA, secrets: { client_secret: 'other' } })).output).toBe('okta: changed');
    expect((await run(['disable', 'okta'])).output).toBe('okta: changed');
    expect((await run(['list'])).output).toBe('okta  oidc  disabled  Okta  corp.example');
    expect((await run(['enable', 'okta'])).output).toBe('okta: changed');
    expect((await run(['remove', 'okta'])).output).toBe('okta: changed');
    expect((await run(['list'])).output).toBe('no providers');
    expect(store.audit.map(({ type }) => type)).toEqual([
      'provider.published',
      'provider.published',
      'provider.disabled',
      'provider.enabled',
      'provider.removed',
    ]);
  });

  it('keeps secrets out of settings and sealed, and reads them from files beside the declaration', async () => {
    writeFileSync(join(directory, 'secret'), 'hunter3\n');
    const { secrets: _, ...without } = OKTA;
    const file = join(directory, 'providers.json');
    writeFileSync(file, JSON.stringify({ providers: [{ ...without, secret_files: { client_secret: 'secret' } }] }));
    expect((await run(['apply', file])).output).toBe('okta: created');
    const [stored] = await store.list();
    expect(JSON.stringify(stored?.settings)).not.toContain('hunter');
    expect(new TransparentVault().open(stored?.sealedSecrets ?? '', 'provider-secret:okta').toString()).toContain(
      'hunter3',
    );
    expect(() => new TransparentVault().open(stored?.sealedSecrets ?? '', 'provider-secret:entra')).toThrow();
    writeFileSync(file, JSON.stringify({ providers: [{ ...OKTA, secret_files: { client_secret: 'missing' } }] }));
    await expect(run(['apply', file])).rejects.toThrow(/cannot be read/);
  });

  it.each([
    ['hunter2', /not JSON/],
    [{ providers: [{ ...OKTA, id: 'Okta!' }] }, /providers\.0\.id/],
    [{ providers: [{ ...OKTA, domains: ['Corp.Example'] }] }, /providers\.0\.domains\.0/],
    [{ providers: [{ ...OKTA, domains: ['com'] }] }, /providers\.0\.domains\.0/],
    [{ providers: [{ ...OKTA, kind: 'telepathy' }] }, /providers\.0\.kind/],
    [{ providers: [{ ...OKTA, client_secret: 'hunter2' }] }, /providers\.0/],
    [{ providers: [OKTA, OKTA] }, /okta is declared twice/],
  ])('applies nothing of %j', async (input, problem) => {
    const error = await run(['apply', '-'], input).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnusableProviders);
    expect((error as Error).message).toMatch(problem);
    expect((error as Error).message).not.toContain('hunter');
    expect(await store.list()).toEqual([]);
  });

  it('says what is wrong with the settings, and stores nothing of that provider', async () => {
    const { output, succeeded } = await apply(
      { ...OKTA, settings: { issuer: 'hunter2' } },
      { ...OKTA, id: 'x', kind: 'saml' },
    );
    expect(succeeded).toBe(false);
    expect(output).toMatch(/okta: unusable\n {2}settings.issuer[^]*x: unusable\n {2}kind: is not supported here/);
    expect(output).not.toContain('hunter2');
    expect(await store.list()).toEqual([]);
  });

  it('says of a provider that does not answer that it does not', async () => {
    await apply(OKTA);
    expect(await run(['test', 'okta'])).toEqual({
      output: 'okta: provider_unavailable (unreachable)',
      succeeded: false,
    });
    expect(await run(['test', 'nobody'])).toEqual({ output: 'nobody: there is no such provider', succeeded: false });
  });

  it('marks break-glass accounts, but none that a provider speaks for', async () => {
    const registration = new AccountRegistration({ accounts, hasher: new TransparentPasswordHasher(), clock });
    const made = await registration.register({
      username: 'anna',
      displayName: 'Anna',
      password: 'correct horse battery',
    });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    expect((await run(['break-glass', 'Anna', 'on'])).succeeded).toBe(true);
    expect((await accounts.find(made.account.id))?.breakGlass).toBe(true);
    expect((await run(['break-glass', 'anna', 'on'])).succeeded).toBe(true);
    expect((await run(['break-glass', 'anna', 'off'])).succeeded).toBe(true);
    accounts.linked.add(made.account.id);
    expect(await run(['break-glass', 'anna', 'on'])).toMatchObject({ succeeded: false });
    await expect(run(['break-glass', 'nobody', 'on'])).rejects.toThrow(UnusableProviders);
  });

  it.each([[[]], [['list', 'x']], [['apply']], [['explode', 'x']], [['disable', 'x', 'y']], [['break-glass', 'x']]])(
    'does not guess what %j means',
    (args) => {
      expect(() => parseProvidersCommand(args)).toThrow(UnusableProviders);
    },
  );
});
