import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import type { AccessPolicyStore } from '../access/access-policy.store.js';
import type { ClientAdministrationStore } from '../administration/client-administration.store.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { InteractionStore } from '../authorize/interaction.store.js';
import type { AssertionReplayStore } from '../clients/assertion-replay.store.js';
import type { ClientStore } from '../clients/client.store.js';
import type { ClientUsageStore } from '../clients/client-usage.store.js';
import type { AuthorizationCodeStore } from '../codes/authorization-code.store.js';
import type { ConsentStore } from '../consent/consent.store.js';
import type { DeviceAuthorizationStore } from '../device/device-authorization.store.js';
import type { ProofReplayStore } from '../dpop/proof-replay.store.js';
import type { ExchangeStore } from '../exchange/exchange.store.js';
import type { EntitlementStore } from '../entitlements/entitlement.store.js';
import type { InitialAccessTokenStore } from '../registration/initial-access-token.store.js';
import type { RegistrationStore } from '../registration/registration.store.js';
import type { PushedRequestStore } from '../pushed-requests/pushed-request.store.js';
import type { PreRegistrationStore } from '../pre-registration/pre-registration.store.js';
import type { ResourceStore } from '../resources/resource.store.js';
import { MemoryAccessPolicyStore } from './memory-access-policy.store.js';
import { MemoryAssertionReplayStore } from './memory-assertion-replay.store.js';
import { MemoryAuthorizationCodeStore } from './memory-authorization-code.store.js';
import { MemoryAuthorizationStore } from './memory-authorization.store.js';
import { MemoryClientAdministrationStore } from './memory-client-administration.store.js';
import { MemoryClientUsageStore } from './memory-client-usage.store.js';
import { MemoryClientStore } from './memory-client.store.js';
import { MemoryConsentStore } from './memory-consent.store.js';
import { MemoryDatabase } from './memory-database.js';
import { MemoryDeviceAuthorizationStore } from './memory-device-authorization.store.js';
import { MemoryExchangeStore } from './memory-exchange.store.js';
import { MemoryEntitlementStore } from './memory-entitlement.store.js';
import { MemoryInitialAccessTokenStore } from './memory-initial-access-token.store.js';
import { MemoryInteractionStore } from './memory-interaction.store.js';
import { MemoryProofReplayStore } from './memory-proof-replay.store.js';
import { MemoryPushedRequestStore } from './memory-pushed-request.store.js';
import { MemoryRegistrationStore } from './memory-registration.store.js';
import { MemoryPreRegistrationStore } from './memory-pre-registration.store.js';
import { MemoryResourceStore } from './memory-resource.store.js';

/** One database behind all stores of the core, and what a contract must be able to do to it from outside. */
export interface StoreFixture {
  readonly clients: ClientStore;
  readonly preRegistration: PreRegistrationStore;
  readonly administration: ClientAdministrationStore;
  readonly resources: ResourceStore;
  readonly entitlements: EntitlementStore;
  readonly access: AccessPolicyStore;
  readonly consents: ConsentStore;
  readonly interactions: InteractionStore;
  readonly codes: AuthorizationCodeStore;
  readonly authorizations: AuthorizationStore;
  readonly pushed: PushedRequestStore;
  readonly devices: DeviceAuthorizationStore;
  readonly exchanges: ExchangeStore;
  readonly assertions: AssertionReplayStore;
  readonly proofs: ProofReplayStore;
  readonly registrations: RegistrationStore;
  readonly initialAccessTokens: InitialAccessTokenStore;
  readonly usage: ClientUsageStore;
  /** Stores a new active account and returns its id, a UUID. */
  addAccount(): Promise<AccountId>;
  disableAccount(id: AccountId): Promise<void>;
  /** As the provider before the slash says. */
  addGroup(id: AccountId, group: string): Promise<void>;
  disableClient(id: ClientId): Promise<void>;
  disableResource(id: ResourceIdentifier): Promise<void>;
  /** Every audit event stored so far, in any order. */
  auditTrail(): Promise<readonly AuditEvent[]>;
  close(): Promise<void>;
}

/** Called once per contract; the tests of a contract use ids of their own in it. */
export type MakeStoreFixture = () => Promise<StoreFixture>;

/** All memory stores over one database. */
export function memoryStores(database = new MemoryDatabase()) {
  return {
    database,
    clients: new MemoryClientStore(database),
    preRegistration: new MemoryPreRegistrationStore(database),
    administration: new MemoryClientAdministrationStore(database),
    resources: new MemoryResourceStore(database),
    entitlements: new MemoryEntitlementStore(database),
    access: new MemoryAccessPolicyStore(database),
    consents: new MemoryConsentStore(database),
    interactions: new MemoryInteractionStore(database),
    codes: new MemoryAuthorizationCodeStore(database),
    authorizations: new MemoryAuthorizationStore(database),
    pushed: new MemoryPushedRequestStore(database),
    devices: new MemoryDeviceAuthorizationStore(database),
    exchanges: new MemoryExchangeStore(database),
    proofs: new MemoryProofReplayStore(database),
    assertions: new MemoryAssertionReplayStore(database),
    registrations: new MemoryRegistrationStore(database),
    initialAccessTokens: new MemoryInitialAccessTokenStore(database),
    usage: new MemoryClientUsageStore(database),
  };
}

export function memoryStoreFixture(): Promise<StoreFixture> {
  const { database, ...stores } = memoryStores();
  const at = new Date(0);
  return Promise.resolve({
    ...stores,
    addAccount: async () => database.addAccount(),
    addGroup: async (id, group) => {
      database.groups.set(id, new Set([...(database.groups.get(id) ?? []), group]));
    },
    disableAccount: async (id) => {
      database.disableAccount(id);
    },
    disableClient: async (id) => {
      database.disableClient(id, at);
    },
    disableResource: async (id) => {
      database.disableResource(id, at);
    },
    auditTrail: async () => database.audit,
    close: async () => undefined,
  });
}
