/**
 * The whole app on memory stores and a stopped clock, reached through `inject`: what a spec plays here is what the wire
 * would see, headers included.
 */
import { randomBytes } from 'node:crypto';
import { AuditLog } from '@gatehouse/audit';
import {
  ADMIN_SCOPES,
  adminResource,
  AesGcmKeyVault,
  AssertionReplayStore,
  AuthorizationCodeStore,
  AuthorizationStore,
  ClientKeySource,
  ClientAdministrationStore,
  ClientStore,
  ClientUsageStore,
  ConsentStore,
  DeviceAuthorizationStore,
  EntitlementStore,
  ExchangeStore,
  InitialAccessTokenStore,
  InteractionStore,
  MetadataDocumentSource,
  OwnResources,
  RegistrationStore,
  ProofReplayStore,
  PreRegistrationStore,
  PushedRequestStore,
  ResourceStore,
  Secrets,
  SigningKeyRotation,
  SigningKeyStore,
} from '@gatehouse/authorization-server';
import {
  type MemoryDatabase,
  MemorySigningKeyStore,
  TestDocuments,
  TestKeySource,
  memoryStores,
} from '@gatehouse/authorization-server/testing';
import {
  AccountRegistration,
  AccountStore,
  AttemptCounter,
  type Connector,
  Connectors,
  ExternalIdentityStore,
  IdentityProviderStore,
  FactorStore,
  PendingSignInStore,
  SessionStore,
  SsoLoginStore,
} from '@gatehouse/identity';
import {
  MemoryAccountStore,
  MemoryAttemptCounter,
  MemoryAuditLog,
  MemoryFactorStore,
  MemoryPendingSignInStore,
  MemoryExternalIdentityStore,
  MemoryIdentityProviderStore,
  MemorySessionStore,
  MemorySsoLoginStore,
  StoppedClock,
  TransparentPasswordHasher,
} from '@gatehouse/identity/testing';
import { EventLogger, Health, type HttpServer, Metrics, loadConfiguration } from '@gatehouse/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createAuthServer } from '../auth-server.js';
import { type Config, configuration } from '../config.js';
import { applySeed } from '../seed/apply-seed.js';
import type { SeedInput } from '../seed/seed-input.js';

export const INVOICES = 'http://127.0.0.1:4100/invoices/mcp';
export const EXPENSES = 'http://127.0.0.1:4100/expenses/mcp';
export const PASSWORD = 'correct horse battery';
export const RESOURCE_SERVER = { id: 'demo', secret: 'ghx_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' };

const SEED = {
  resources: [
    {
      identifier: INVOICES,
      name: 'Invoices',
      scopes: [
        { name: 'invoices:read', description: 'See invoices' },
        { name: 'invoices:write', description: 'Create invoices', implies: ['invoices:read'] },
        { name: 'invoices:refund', description: 'Pay money back', sensitive: true },
      ],
      defaultScopes: ['invoices:read'],
    },
    {
      identifier: EXPENSES,
      name: 'Expenses',
      scopes: [{ name: 'expenses:read', description: 'See expenses' }],
      defaultScopes: ['expenses:read'],
    },
  ],
  resourceServer: RESOURCE_SERVER,
  accounts: [
    {
      username: 'anna',
      displayName: 'Anna',
      password: PASSWORD,
      email: { address: 'anna@house.example', verified: true },
      entitlements: {
        [INVOICES]: ['invoices:read', 'invoices:write', 'invoices:refund'],
        [EXPENSES]: ['expenses:read'],
      },
    },
    { username: 'ben', displayName: 'Ben', password: PASSWORD, entitlements: { [INVOICES]: ['invoices:read'] } },
  ],
} as unknown as SeedInput;

export interface TrialServer {
  readonly app: NestFastifyApplication;
  readonly config: Config;
  readonly clock: StoppedClock;
  readonly database: MemoryDatabase;
  readonly accounts: MemoryAccountStore;
  readonly providers: MemoryIdentityProviderStore;
  readonly factors: MemoryFactorStore;
  readonly attempts: MemoryAttemptCounter;
  /** What clients publish, as the server can fetch it. */
  readonly keySource: TestKeySource;
  readonly secrets: Secrets;
  readonly audit: MemoryAuditLog;
  readonly metrics: Metrics;
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** `keyFile`: any file; the vault of the trial does not read it. */
export function trialConfig(settings: Readonly<Record<string, string>> = {}): Config {
  return loadConfiguration(configuration, {
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    KEY_ENCRYPTION_KEY_FILE: import.meta.filename,
    ...settings,
  });
}

export async function startTrialServer(
  settings: Readonly<Record<string, string>> = {},
  documents: MetadataDocumentSource = new TestDocuments(),
  connectors: readonly Connector[] = [],
): Promise<TrialServer> {
  const config = trialConfig({ LOG_LEVEL: 'debug', ...settings });
  const clock = new StoppedClock();
  const { database, ...stores } = memoryStores();
  const accounts = new MemoryAccountStore();
  const sessions = new MemorySessionStore(accounts);
  const providers = new MemoryIdentityProviderStore();
  const attempts = new MemoryAttemptCounter();
  const audit = new MemoryAuditLog();
  const pending = new MemoryPendingSignInStore(accounts);
  const factors = new MemoryFactorStore(pending);
  const hasher = new TransparentPasswordHasher();
  const metrics = new Metrics();
  const log: string[] = [];
  const registration = new AccountRegistration({ accounts, hasher, clock });
  const keySource = new TestKeySource();
  const vault = new AesGcmKeyVault([randomBytes(32)]);
  const secrets = new Secrets(vault);
  await applySeed(SEED, { ...stores, accounts, registration, clock, secrets });
  for (const username of ['anna', 'ben']) {
    const account = await accounts.findByUsername(username);
    if (!account) continue;
    const { displayName, email } = account;
    database.accounts.set(account.id, {
      disabled: false,
      profile: { displayName, username, ...(email ? { email } : {}) },
    });
    if (username === 'anna')
      await stores.entitlements.grant(account.id, adminResource(config.ISSUER).identifier, ADMIN_SCOPES);
  }
  const server: HttpServer = await createAuthServer(config, {
    logger: new EventLogger({
      app: 'auth-server',
      level: config.LOG_LEVEL,
      destination: { write: (line) => log.push(line) },
    }),
    metrics,
    health: new Health(),
    vault,
    hasher,
    clock,
    stores: [
      { provide: AccountStore, useValue: accounts },
      { provide: AssertionReplayStore, useValue: stores.assertions },
      { provide: AttemptCounter, useValue: attempts },
      { provide: AuditLog, useValue: audit },
      { provide: AuthorizationCodeStore, useValue: stores.codes },
      { provide: AuthorizationStore, useValue: stores.authorizations },
      { provide: ClientKeySource, useValue: keySource },
      { provide: ClientAdministrationStore, useValue: stores.administration },
      { provide: ClientStore, useValue: stores.clients },
      { provide: ClientUsageStore, useValue: stores.usage },
      { provide: MetadataDocumentSource, useValue: documents },
      { provide: DeviceAuthorizationStore, useValue: stores.devices },
      { provide: ProofReplayStore, useValue: stores.proofs },
      { provide: PreRegistrationStore, useValue: stores.preRegistration },
      { provide: PushedRequestStore, useValue: stores.pushed },
      { provide: ConsentStore, useValue: stores.consents },
      { provide: EntitlementStore, useValue: stores.entitlements },
      { provide: ExchangeStore, useValue: stores.exchanges },
      { provide: InteractionStore, useValue: stores.interactions },
      { provide: InitialAccessTokenStore, useValue: stores.initialAccessTokens },
      { provide: RegistrationStore, useValue: stores.registrations },
      { provide: ResourceStore, useValue: stores.resources },
      { provide: FactorStore, useValue: factors },
      { provide: PendingSignInStore, useValue: pending },
      { provide: SessionStore, useValue: sessions },
      { provide: Connectors, useValue: new Connectors(connectors) },
      { provide: ExternalIdentityStore, useValue: new MemoryExternalIdentityStore(accounts, sessions, providers) },
      { provide: IdentityProviderStore, useValue: providers },
      { provide: SsoLoginStore, useValue: new MemorySsoLoginStore() },
      { provide: SigningKeyStore, useValue: new MemorySigningKeyStore() },
    ],
  });
  await server.app.get(SigningKeyRotation).ensureKey();
  await server.app.get(OwnResources).publish();
  await server.app.init();
  await server.app.getHttpAdapter().getInstance().ready();
  return {
    app: server.app,
    config,
    clock,
    database,
    accounts,
    factors,
    providers,
    attempts,
    keySource,
    secrets,
    audit,
    metrics,
    log,
    close: () => server.close(),
  };
}
