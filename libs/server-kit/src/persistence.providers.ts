import { AuditLog } from '@gatehouse/audit';
import {
  AssertionReplayStore,
  AuthorizationCodeStore,
  AuthorizationStore,
  ClientStore,
  ClientUsageStore,
  ConsentStore,
  DeviceAuthorizationStore,
  EntitlementStore,
  InitialAccessTokenStore,
  InteractionStore,
  RegistrationStore,
  PushedRequestStore,
  ResourceStore,
  SigningKeyStore,
} from '@gatehouse/authorization-server';
import { AccountStore, AttemptCounter, SessionStore } from '@gatehouse/identity';
import {
  type Database,
  PgAccountStore,
  PgAssertionReplayStore,
  PgAttemptCounter,
  PgAuditLog,
  PgAuthorizationCodeStore,
  PgAuthorizationStore,
  PgClientStore,
  PgClientUsageStore,
  PgConsentStore,
  PgDeviceAuthorizationStore,
  PgEntitlementStore,
  PgInitialAccessTokenStore,
  PgInteractionStore,
  PgRegistrationStore,
  PgPushedRequestStore,
  PgResourceStore,
  PgSessionStore,
  PgSigningKeyStore,
} from '@gatehouse/persistence';
import type { Provider } from '@nestjs/common';

/** Every port of the cores that stores something, bound to PostgreSQL. Whoever opened the database closes it. */
export function persistenceProviders(database: Database): Provider[] {
  return [
    { provide: AccountStore, useValue: new PgAccountStore(database) },
    { provide: AssertionReplayStore, useValue: new PgAssertionReplayStore(database) },
    { provide: AttemptCounter, useValue: new PgAttemptCounter(database) },
    { provide: AuditLog, useValue: new PgAuditLog(database) },
    { provide: AuthorizationCodeStore, useValue: new PgAuthorizationCodeStore(database) },
    { provide: AuthorizationStore, useValue: new PgAuthorizationStore(database) },
    { provide: ClientStore, useValue: new PgClientStore(database) },
    { provide: ClientUsageStore, useValue: new PgClientUsageStore(database) },
    { provide: ConsentStore, useValue: new PgConsentStore(database) },
    { provide: DeviceAuthorizationStore, useValue: new PgDeviceAuthorizationStore(database) },
    { provide: EntitlementStore, useValue: new PgEntitlementStore(database) },
    { provide: InitialAccessTokenStore, useValue: new PgInitialAccessTokenStore(database) },
    { provide: InteractionStore, useValue: new PgInteractionStore(database) },
    { provide: RegistrationStore, useValue: new PgRegistrationStore(database) },
    { provide: PushedRequestStore, useValue: new PgPushedRequestStore(database) },
    { provide: ResourceStore, useValue: new PgResourceStore(database) },
    { provide: SessionStore, useValue: new PgSessionStore(database) },
    { provide: SigningKeyStore, useValue: new PgSigningKeyStore(database) },
  ];
}
