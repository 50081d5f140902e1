import { AuditLog } from '@gatehouse/audit';
import {
  ClientAuthentication,
  DeviceAuthorizationEndpoint,
  DeviceAuthorizationStore,
  DeviceCodeGrant,
  InteractionStore,
  KeyVault,
  RequestChecks,
  UserCodeAttempts,
  UserCodeEntry,
  UserCodes,
} from '@gatehouse/authorization-server';
import { AttemptCounter } from '@gatehouse/identity';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { CountedUserCodes } from './device/counted-user-codes.js';
import { ServerSettings } from './server-settings.js';

/** Device authorization, put together. Whether it is open to anybody is the app's routes' and the token endpoint's to say. */
export const deviceProviders: Provider[] = [
  { provide: UserCodes, useFactory: (vault: KeyVault) => new UserCodes(vault), inject: [KeyVault] },
  {
    provide: UserCodeAttempts,
    useFactory: (counter: AttemptCounter, { userCodeLimits }: ServerSettings) =>
      new CountedUserCodes(counter, userCodeLimits),
    inject: [AttemptCounter, ServerSettings],
  },
  {
    provide: DeviceAuthorizationEndpoint,
    useFactory: (
      { issuer, policy }: ServerSettings,
      clock: Clock,
      clients: ClientAuthentication,
      checks: RequestChecks,
      devices: DeviceAuthorizationStore,
      userCodes: UserCodes,
    ) => new DeviceAuthorizationEndpoint({ issuer, policy, clock, clients, checks, devices, userCodes }),
    inject: [ServerSettings, Clock, ClientAuthentication, RequestChecks, DeviceAuthorizationStore, UserCodes],
  },
  {
    provide: UserCodeEntry,
    useFactory: (
      { policy }: ServerSettings,
      clock: Clock,
      interactions: InteractionStore,
      devices: DeviceAuthorizationStore,
      userCodes: UserCodes,
      attempts: UserCodeAttempts,
      audit: AuditLog,
    ) => new UserCodeEntry({ policy, clock, interactions, devices, userCodes, attempts, audit }),
    inject: [ServerSettings, Clock, InteractionStore, DeviceAuthorizationStore, UserCodes, UserCodeAttempts, AuditLog],
  },
  {
    provide: DeviceCodeGrant,
    useFactory: ({ policy, trust }: ServerSettings, devices: DeviceAuthorizationStore) =>
      new DeviceCodeGrant({ policy, trust, devices }),
    inject: [ServerSettings, DeviceAuthorizationStore],
  },
];
